#include "sessionvitals/watch/hints/hint_plan.h"

#include <utility>

namespace sessionvitals {

void HintPlan::note_open(Clock::time_point now) {
  opened_at_ = now;
  heard_at_ = now;
}

HintPlan::Loss HintPlan::lose(const std::optional<Error>& error,
                              std::chrono::duration<double> asked, Clock::time_point now,
                              double chance) {
  const auto opened_at = std::exchange(opened_at_, std::nullopt);
  if (opened_at && heard_at_ - *opened_at >= kSteady) {
    reconnection_.note_success();
    failing_since_.reset();
    has_told_ = false;
  }
  if (!failing_since_) failing_since_ = now;
  const bool is_curable = !error || may_be_cured(*error);
  const bool is_silent = opened_at && error && error->kind() == ErrorKind::deadline_exceeded;
  const bool is_lasting = now - *failing_since_ >= kPatience;
  Loss loss;
  loss.is_told = !has_told_ && (!is_curable || is_silent || is_lasting);
  has_told_ = has_told_ || loss.is_told;
  if (is_curable || opened_at) {
    loss.again = now + std::chrono::ceil<Clock::duration>(reconnection_.next_wait(asked, chance));
  }
  return loss;
}

}  // namespace sessionvitals

#include <algorithm>
#include <string>
#include <utility>

#include "sessionvitals/watch/hints/hint_stream.h"
#include "sessionvitals/watch/watch_looks.h"

// What a watch does with the vendor's events: one is only ever a reason to look.
namespace sessionvitals {

// Listens where there are enough sessions for a stream of all events of the account, and then to
// the last of them: what it has told of the others may be on its way.
void WatchState::listen_or_not() {
  const bool should_listen = may_listen_ && looks_.size() >= (hints_ ? 1 : kSome);
  if (should_listen && !hints_) {
    // Before the first looks, which need not be made again then.
    Clock::time_point first = Clock::now();
    for (const auto& [id, look] : looks_) {
      if (look->is_planned()) first = std::min(first, look->at - Clock::duration(1));
    }
    hints_ = HintStream::of(thread_, *plan_.events, plan_.silence);
    hints_->join(*this, first);
  } else if (!should_listen) {
    stop_listening();
  }
}

void WatchState::stop_listening() {
  if (const auto hints = std::exchange(hints_, nullptr)) hints->leave(*this);
}

void WatchState::give_up_hints() {
  may_listen_ = false;
  stop_listening();
}

void WatchState::heed(const Hint& hint, Clock::time_point now) {
  const auto found = looks_.find(hint.session_id);
  if (found == looks_.end()) return;
  Look& look = *found->second;
  if (!look.is_planned()) {
    look.is_hinted = look.is_hinted || !hint.is_alive;
    return;
  }
  const Clock::time_point at = look.followed.heed(plan_.rules, hint.is_alive, now, look.at);
  if (at != look.at) thread_.plan(look, at);
}

// The stream is open, and tells nothing of before: looks at all that were looked at before, no
// more at once than the budget allows, so that what events say can come in between.
void WatchState::look_at_all_again(Clock::time_point now) {
  const std::chrono::duration<double> step(1 / plan_.rate);
  double number = -plan_.rate;
  for (const auto& [id, look] : looks_) {
    if (!look->is_planned()) {
      look->is_hinted = look->is_doubted = true;
      continue;
    }
    if (look->followed.last() || look->followed.is_failing()) look->followed.doubt();
    if (look->at <= now) continue;
    number += 1;
    const auto wait = std::chrono::ceil<Clock::duration>(step * std::max(number, 0.0));
    thread_.plan(*look, std::min(look->at, now + wait));
  }
}

// Of no session in particular: any stands for all.
void WatchState::tell_of_any(const Error& error, Timestamp wall) {
  if (looks_.empty()) return;
  const Followed& followed = looks_.begin()->second->followed;
  Session after = followed.unseen();
  if (followed.last()) after = *followed.last();
  queue_.add({.session_id = followed.id(),
              .before = followed.last(),
              .after = std::move(after),
              .reason = ChangeReason::trouble,
              .missed = false,
              .inferred = {},
              .observed_at = wall,
              .error = error});
  has_changed_.notify_all();
  thread_.tell(*this);
}

}  // namespace sessionvitals

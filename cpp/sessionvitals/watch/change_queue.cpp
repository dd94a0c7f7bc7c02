#include <algorithm>
#include <utility>

#include "sessionvitals/watch/watch_state.h"

namespace sessionvitals {

void ChangeQueue::add(Change change) {
  const auto found = last_.find(change.session_id);
  if (found != last_.end() && changes_.size() >= kMax) {
    Change& waiting = changes_.at(found->second);
    change.before = std::move(waiting.before);
    if (!change.before && change.reason != ChangeReason::final) change.reason = waiting.reason;
    change.missed = true;
    waiting = std::move(change);
    return;
  }
  last_[change.session_id] = ++number_;
  changes_.emplace(number_, std::move(change));
}

std::optional<Change> ChangeQueue::take() {
  if (changes_.empty()) return std::nullopt;
  const auto first = changes_.begin();
  const auto last = last_.find(first->second.session_id);
  if (last != last_.end() && last->second == first->first) last_.erase(last);
  Change change = std::move(first->second);
  changes_.erase(first);
  return change;
}

void ChangeQueue::drop(std::string_view session_id) {
  if (last_.erase(std::string(session_id)) == 0) return;
  std::erase_if(changes_, [&](const auto& entry) { return entry.second.session_id == session_id; });
}

void ChangeQueue::clear() {
  changes_.clear();
  last_.clear();
}

}  // namespace sessionvitals

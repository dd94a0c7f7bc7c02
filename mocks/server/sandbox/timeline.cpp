#include "sandbox/timeline.h"

#include <algorithm>
#include <utility>

namespace mock {

Timeline::Timeline(Time start, std::string state, std::vector<Transition> transitions)
    : periods_{{.from = start, .state = std::move(state), .by_time = false, .reads = 0}},
      transitions_(std::move(transitions)) {}

const Timeline::Period& Timeline::at(Time now) {
  while (periods_.size() > 1 && periods_.back().by_time && periods_.back().from > now) {
    periods_.pop_back();
    --next_;
  }
  while (next_ < transitions_.size() && transitions_[next_].after) {
    const Time due = std::min(kLatest, periods_.back().from + *transitions_[next_].after);
    if (due > now) break;
    periods_.push_back(
        {.from = due, .state = transitions_[next_].state, .by_time = true, .reads = 0});
    ++next_;
  }
  return periods_.back();
}

void Timeline::count_read(Time now) {
  at(now);
  const std::int64_t reads = ++periods_.back().reads;
  if (next_ >= transitions_.size() || !transitions_[next_].reads) return;
  if (reads < *transitions_[next_].reads) return;
  periods_.push_back(
      {.from = now, .state = transitions_[next_].state, .by_time = false, .reads = 0});
  ++next_;
}

void Timeline::push(Time now, std::string state) {
  at(now);
  // The clock was set back: what was to be after now has not been.
  while (periods_.size() > 1 && periods_.back().from > now) periods_.pop_back();
  periods_.push_back({.from = now, .state = std::move(state), .by_time = false, .reads = 0});
  plan({});
}

void Timeline::plan(std::vector<Transition> transitions) {
  // What has happened stays; it can no longer be undone by moving the clock back.
  for (Period& period : periods_) period.by_time = false;
  transitions_ = std::move(transitions);
  next_ = 0;
}

Time Timeline::time_in(std::string_view state, Time now) {
  at(now);
  return time_in_until(state, now);
}

Time Timeline::time_in_until(std::string_view state, Time then) const {
  Time total = 0;
  for (size_t i = 0; i < periods_.size(); ++i) {
    if (periods_[i].state != state) continue;
    const Time until = i + 1 < periods_.size() ? std::min(periods_[i + 1].from, then) : then;
    total += std::max<Time>(0, until - periods_[i].from);
  }
  return total;
}

std::optional<Time> Timeline::next_due() const {
  if (next_ >= transitions_.size() || !transitions_[next_].after) return std::nullopt;
  return std::min(kLatest, periods_.back().from + *transitions_[next_].after);
}

}  // namespace mock

#include "sessionvitals/watch/watch_plan.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace sessionvitals {

bool DueHeap::is_before(const Due& one, const Due& other) {
  return one.at != other.at ? one.at < other.at : one.order < other.order;
}

void DueHeap::put(std::size_t place, Due* due) {
  heap_[place] = due;
  due->place = place;
}

void DueHeap::rise(std::size_t place) {
  Due* const due = heap_[place];
  while (place > 0) {
    const std::size_t above = (place - 1) / 2;
    if (!is_before(*due, *heap_[above])) break;
    put(place, heap_[above]);
    place = above;
  }
  put(place, due);
}

void DueHeap::sink(std::size_t place) {
  Due* const due = heap_[place];
  for (std::size_t below = 2 * place + 1; below < heap_.size(); below = 2 * place + 1) {
    if (below + 1 < heap_.size() && is_before(*heap_[below + 1], *heap_[below])) ++below;
    if (!is_before(*heap_[below], *due)) break;
    put(place, heap_[below]);
    place = below;
  }
  put(place, due);
}

void DueHeap::plan(Due& due, Clock::time_point at) {
  forget(due);
  due.at = at;
  due.order = ++last_order_;
  heap_.push_back(&due);
  rise(heap_.size() - 1);
}

void DueHeap::forget(Due& due) {
  const std::size_t place = std::exchange(due.place, Due::kNone);
  if (place == Due::kNone) return;
  Due* const last = heap_.back();
  heap_.pop_back();
  if (last == &due) return;
  put(place, last);
  rise(place);
  sink(last->place);
}

void LookBudget::set_rate(double rate, Clock::time_point now) {
  left_ = rate_ == 0 ? std::max(rate, 1.0) : left_at(now);
  at_ = now;
  rate_ = rate;
  left_ = std::min(left_, burst());
}

double LookBudget::left_at(Clock::time_point now) const {
  const std::chrono::duration<double> passed = now - at_;
  return std::min(burst(), left_ + std::max(passed.count(), 0.0) * rate_);
}

bool LookBudget::take(Clock::time_point now) {
  if (rate_ == 0) return true;
  const double left = left_at(now);
  if (left < 1) return false;
  left_ = left - 1;
  at_ = std::max(now, at_);
  return true;
}

Clock::time_point LookBudget::ready(Clock::time_point now) const {
  if (rate_ == 0) return now;
  const double left = left_at(now);
  if (left >= 1) return now;
  return now +
         std::chrono::ceil<Clock::duration>(std::chrono::duration<double>((1 - left) / rate_) +
                                            std::chrono::microseconds(1));
}

void WatchPlan::set_rate(double rate, Clock::time_point now) { budget_.set_rate(rate, now); }

Due* WatchPlan::take(Clock::time_point now, Clock::time_point opens) {
  Due* const first = heap_.first();
  if (first == nullptr || first->at > now || opens > now || !budget_.take(now)) return nullptr;
  heap_.forget(*first);
  return first;
}

Clock::time_point WatchPlan::next(Clock::time_point now, Clock::time_point opens) const {
  const Due* const first = heap_.first();
  if (first == nullptr) return Clock::time_point::max();
  return std::max({first->at, opens, budget_.ready(std::max(now, first->at))});
}

Clock::duration WatchPlan::lag(Clock::time_point now) const {
  const Due* const first = heap_.first();
  if (first == nullptr) return Clock::duration::zero();
  return std::max(now - first->at, Clock::duration::zero());
}

}  // namespace sessionvitals

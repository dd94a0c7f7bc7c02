#include "sandbox/clock.h"

#include <algorithm>
#include <ctime>

namespace mock {

namespace {

Time within_calendar(Time time) { return std::clamp(time, kEarliest, kLatest); }

}  // namespace

Time real_now() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<Time>(now.tv_sec) * 1000 + now.tv_nsec / 1000000;
}

Time Clock::now() const { return frozen_ ? *frozen_ : within_calendar(real_now() + offset_); }

void Clock::set(Time time) {
  time = within_calendar(time);
  if (frozen_) {
    frozen_ = time;
  } else {
    offset_ = time - real_now();
  }
}

void Clock::advance(Time by) { set(now() + by); }

void Clock::freeze() {
  if (!frozen_) frozen_ = now();
}

void Clock::resume() {
  if (!frozen_) return;
  offset_ = *frozen_ - real_now();
  frozen_.reset();
}

}  // namespace mock

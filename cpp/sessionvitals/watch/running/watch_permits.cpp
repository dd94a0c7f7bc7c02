#include "sessionvitals/watch/running/watch_permits.h"

#include <utility>

namespace sessionvitals {

Due* WatchPermits::take(Clock::time_point now, Clock::time_point opens) {
  if (permits_ == 0) return nullptr;
  Due* const due = looks_.take(now, opens);
  if (due != nullptr) --permits_;
  return due;
}

void WatchPermits::announce(Clock::time_point now, Clock::time_point opens) {
  const bool has_closed = opens > now && opens != told_opens_;
  const bool is_wanted = permits_ == 0 && !need_.is_wanted && looks_.next(now, opens) <= now;
  if (has_closed) need_.closed_for = opens - now;
  if (has_closed) told_opens_ = opens;
  if (is_wanted) need_.is_wanted = true;
  if (has_closed || is_wanted) has_news_.notify_all();
}

Clock::time_point WatchPermits::next(Clock::time_point now, Clock::time_point opens) const {
  // give() wakes the thread.
  if (permits_ == 0 && need_.is_wanted) return Clock::time_point::max();
  return looks_.next(now, opens);
}

void WatchPermits::end() {
  need_.is_over = true;
  has_news_.notify_all();
}

PermitNeed WatchPermits::await(std::unique_lock<std::mutex>& lock,
                               std::chrono::duration<double> longest) {
  has_news_.wait_for(lock, longest, [this] {
    return need_.is_over || need_.is_wanted || need_.closed_for.count() > 0;
  });
  const PermitNeed need = need_;
  need_.closed_for = {};
  return need;
}

void WatchPermits::give() {
  ++permits_;
  need_.is_wanted = false;
}

}  // namespace sessionvitals

#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

#include "sessionvitals/watch/watch.h"
#include "sessionvitals/watch/watch_plan.h"

/// The looks of a watch that are paced by its caller. Private.
namespace sessionvitals {

/// Each look waits until it is due, and then for a permit. It is guarded by the mutex of
/// the client's thread.
class WatchPermits {
 public:
  void plan(Due& due, Clock::time_point at) { looks_.plan(due, at); }
  void forget(Due& due) { looks_.forget(due); }

  /// Returns a look that is due and may be made, with a permit that is then used up; nullptr if
  /// there is none. `opens` is when the vendor's gate does.
  Due* take(Clock::time_point now, Clock::time_point opens);

  /// Tells who gives permits if one is wanted, or if the gate has closed.
  void announce(Clock::time_point now, Clock::time_point opens);

  /// Returns when take() may have one, or announce() something to say.
  Clock::time_point next(Clock::time_point now, Clock::time_point opens) const;

  Clock::duration lag(Clock::time_point now) const { return looks_.lag(now); }

  /// No look is made any more.
  void end();

  /// For who gives permits: waits, with the lock of that mutex.
  PermitNeed await(std::unique_lock<std::mutex>& lock, std::chrono::duration<double> longest);
  void give();

 private:
  WatchPlan looks_;  // without a budget
  std::size_t permits_ = 0;
  PermitNeed need_;
  Clock::time_point told_opens_{};
  std::condition_variable has_news_;
};

}  // namespace sessionvitals

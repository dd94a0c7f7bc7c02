#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "sessionvitals/context.h"

/// One gate per base URL: a 429 that names a wait closes it for that long, and
/// all later calls wait together in front of it instead of being refused one by
/// one. It waits for nobody itself. Safe to use from many threads.
namespace sessionvitals::engine {

class RateLimitGate {
 public:
  /// Returns the process's gate for a base URL, by its origin and path prefix.
  static std::shared_ptr<RateLimitGate> find_or_make(const std::string& base_url);

  /// Keeps it closed for that long from now, or longer if it already is.
  void close_for(std::chrono::microseconds wait, Clock::time_point now);

  /// Returns when it opens; in the past if it is open.
  Clock::time_point opens() const {
    return Clock::time_point(Clock::duration(opens_.load(std::memory_order_relaxed)));
  }

 private:
  std::atomic<Clock::rep> opens_{Clock::time_point::min().time_since_epoch().count()};
};

}  // namespace sessionvitals::engine

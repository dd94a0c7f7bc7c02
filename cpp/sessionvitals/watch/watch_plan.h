#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sessionvitals/context.h"

/// When the looks of one client are. Pure: the time is always given.
namespace sessionvitals {

/// Something that is due at a time, as a member of what is kept in a DueHeap.
struct Due {
  static constexpr std::size_t kNone = ~std::size_t{0};

  Clock::time_point at{};
  std::uint64_t order = 0;    // of planning, for those due at the same time
  std::size_t place = kNone;  // in the heap

  bool is_planned() const { return place != kNone; }
};

/// The dues, of which the first can be had. They must outlive it, or be taken out.
class DueHeap {
 public:
  /// Plans it, in place of an earlier plan.
  void plan(Due& due, Clock::time_point at);
  void forget(Due& due);

  Due* first() const { return heap_.empty() ? nullptr : heap_.front(); }

 private:
  static bool is_before(const Due& one, const Due& other);
  void put(std::size_t place, Due* due);
  void rise(std::size_t place);
  void sink(std::size_t place);

  std::vector<Due*> heap_;
  std::uint64_t last_order_ = 0;
};

/// How many looks there may be: `rate` a second, and after a pause a second's worth at once.
class LookBudget {
 public:
  /// From now on that many a second; more than 0.
  void set_rate(double rate, Clock::time_point now);

  /// Takes one; returns false if there is none.
  bool take(Clock::time_point now);

  /// Returns when there will be one.
  Clock::time_point ready(Clock::time_point now) const;

 private:
  double burst() const { return rate_ > 1 ? rate_ : 1; }
  double left_at(Clock::time_point now) const;

  double rate_ = 0;  // 0: not set, so no bound
  double left_ = 0;
  Clock::time_point at_{};
};

/// The looks of a client: each at its time, in the order of plan where the budget or a closed
/// gate delays them. One that is late is made once, not once for every turn it missed.
class WatchPlan {
 public:
  void plan(Due& due, Clock::time_point at) { heap_.plan(due, at); }
  void forget(Due& due) { heap_.forget(due); }
  void set_rate(double rate, Clock::time_point now);

  /// Returns the next look that is due and may be made, which is planned no more; nullptr if
  /// there is none. `opens` is when the gate does, in the past for an open one.
  Due* take(Clock::time_point now, Clock::time_point opens);

  /// Returns when take() may have one.
  Clock::time_point next(Clock::time_point now, Clock::time_point opens) const;

  /// Returns by how much the look that is due longest is late.
  Clock::duration lag(Clock::time_point now) const;

 private:
  DueHeap heap_;
  LookBudget budget_;
};

}  // namespace sessionvitals

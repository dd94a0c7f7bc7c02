// The states one session goes through: what has been, and what is still to come by time or by
// reads. States are the vendor's own words; this file knows none of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "values/time.h"

namespace mock {

/// A change still to come. It counts from the change before it: seconds spent, or reads answered,
/// in the state that it ends. Exactly one of the two is set.
struct Transition {
  std::optional<Time> after;
  std::optional<std::int64_t> reads;
  std::string state;
};

class Timeline {
 public:
  struct Period {
    Time from;
    std::string state;
    bool by_time;  // came about by time alone, so that moving the clock back undoes it
    std::int64_t reads;
  };

  Timeline(Time start, std::string state, std::vector<Transition> transitions);

  /// The period that `now` is in. Changes by time happen at their exact moment, not at the read
  /// that notices them, so that counters are right to the byte.
  const Period& at(Time now);

  /// One read was answered at `now`; a change that waits for reads may follow it.
  void count_read(Time now);

  /// Changes the state at `now` by hand. What was still to come is dropped.
  void push(Time now, std::string state);

  /// Replaces what is still to come.
  void plan(std::vector<Transition> transitions);

  /// Every period so far, the present one last. Call at() first.
  const std::vector<Period>& periods() const { return periods_; }
  const std::vector<Transition>& transitions() const { return transitions_; }
  /// How many of the transitions have happened.
  std::size_t done() const { return next_; }

  /// Milliseconds up to `now` that were spent in `state`.
  Time time_in(std::string_view state, Time now);
  /// The same for a time that may lie before the present period, which stays.
  Time time_in_until(std::string_view state, Time then) const;

  /// When the next change by time is due; nothing if none is.
  std::optional<Time> next_due() const;

 private:
  std::vector<Period> periods_;
  std::vector<Transition> transitions_;
  std::size_t next_ = 0;
};

}  // namespace mock

// A space's clock: the machine's time, moved or stopped.
#pragma once

#include <optional>

#include "values/time.h"

namespace mock {

/// The machine's clock.
Time real_now();

class Clock {
 public:
  Time now() const;
  bool is_frozen() const { return frozen_.has_value(); }
  /// Whether both show the same time, now and later.
  bool operator==(const Clock&) const = default;

  /// Each keeps the time within kEarliest..kLatest.
  void set(Time time);
  void advance(Time by);
  void freeze();
  void resume();

 private:
  Time offset_ = 0;
  std::optional<Time> frozen_;
};

}  // namespace mock

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "sessionvitals/context.h"
#include "sessionvitals/errors.h"
#include "sessionvitals/streams/reconnection.h"

/// When a watch opens its stream of events again, and which of its losses are told. Pure: times
/// and chance are given.
namespace sessionvitals {

class HintPlan {
 public:
  /// A stream that has been heard for so long after its head was no chance hit: its loss is a
  /// first one.
  static constexpr std::chrono::seconds kSteady{30};
  /// A stream that is not back by then is told as a trouble.
  static constexpr std::chrono::seconds kPatience{30};

  void note_open(Clock::time_point now);
  void note_bytes(Clock::time_point now) { heard_at_ = now; }
  bool is_open() const { return opened_at_.has_value(); }

  /// Returns true for the first event of that id.
  bool is_new(std::int64_t event_id) { return recent_.add(event_id); }

  struct Loss {
    std::optional<Clock::time_point> again;  // when to open it; nothing: never
    bool is_told = false;
  };

  /// It is over, or could not be opened: for that error, or by the server in good order. `asked`
  /// is how long the server wants to be left alone.
  ///
  ///     it is cut, or ends           opened again; told once that has not helped for kPatience
  ///     it is open and silent        opened again, and told: it may have been dead for long
  ///     it breaks the contract       the same
  ///     it is refused                never again, and told
  ///
  /// Nothing is told a second time before a stream has been steady.
  Loss lose(const std::optional<Error>& error, std::chrono::duration<double> asked,
            Clock::time_point now, double chance);

 private:
  std::optional<Clock::time_point> opened_at_;
  Clock::time_point heard_at_{};
  std::optional<Clock::time_point> failing_since_;
  bool has_told_ = false;
  Reconnection reconnection_{std::chrono::seconds(1)};
  RecentIds recent_;
};

}  // namespace sessionvitals

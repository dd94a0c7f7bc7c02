#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

#include "sessionvitals/http.h"

/// The deadline and the cancel of a call, as one object that is passed down it.
/// Every wait in the engine watches both.
namespace sessionvitals {

using Clock = std::chrono::steady_clock;

/// Ends calls early, from any thread. Copies share one state.
class CancelToken {
 public:
  CancelToken();

  /// Ends every call that was given this token, now or later. Never blocks.
  void cancel() const;
  bool is_cancelled() const;

  /// A descriptor that becomes readable on cancel(); opened on first use, and
  /// owned by the token. -1 if none can be opened.
  int descriptor() const;

  /// True for a copy of the same token.
  bool operator==(const CancelToken&) const = default;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// What bounds one call. Small; passed by reference down the whole call.
struct Context {
  /// When the call must be over: queueing, DNS, connect, TLS, send, receive,
  /// retries and their waits included.
  Clock::time_point deadline = Clock::time_point::max();

  /// The caller's cancel, if there is one.
  const CancelToken* cancel = nullptr;

  /// The library's own, for what it ends by itself: the same as the caller's otherwise.
  const CancelToken* stop = nullptr;

  /// True if one of the two is cancelled.
  bool is_cancelled() const {
    return (cancel != nullptr && cancel->is_cancelled()) ||
           (stop != nullptr && stop->is_cancelled());
  }

  /// Asked at least every 50 ms in the caller's thread while it waits; a true
  /// ends the call as cancelled. How Python's Ctrl-C gets in.
  bool (*is_interrupted)() = nullptr;

  /// How many bytes of body a custom transport needs to take; see transport.h.
  std::size_t body_limit = kDefaultBodyLimit;
};

}  // namespace sessionvitals

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "sessionvitals/context.h"

/// The one place where a caller's thread waits. Everything that the engine
/// waits for is a descriptor, a point in time, or both: sockets, a freed slot of
/// the pool and an answer of the resolver (both signal a Wakeup), and the end of
/// a retry's wait. It moves no bytes and decides nothing.
namespace sessionvitals::engine {

/// What a step of an exchange cannot go on without.
struct WaitSet {
  struct Watch {
    int descriptor = -1;
    short events = 0;          // POLLIN, POLLOUT
    std::uint64_t serial = 0;  // of a connection, which no other has; 0 for anything else
  };

  // So many connects raced at most (dial.h), or one socket, or one wakeup.
  static constexpr std::size_t kMax = 16;
  std::array<Watch, kMax> watches;
  std::size_t count = 0;
  Clock::time_point until = Clock::time_point::max();  // go on then even if nothing is ready
  // For `until`: go on as soon as the deadline, the cancel and other calls have had their turn.
  static constexpr Clock::time_point kAtOnce = Clock::time_point::min();

  void clear() {
    count = 0;
    until = Clock::time_point::max();
  }

  /// Adds a descriptor; one more than kMax is left out.
  void add(int descriptor, short events, std::uint64_t serial = 0) {
    if (count < kMax) watches[count++] = {descriptor, events, serial};
  }
};

enum class WakeReason { go_on, deadline, cancelled };

/// Waits until a descriptor is ready or `until` has come (go_on), the context's
/// deadline has passed, or the call was cancelled or interrupted. Asks
/// is_interrupted at least every 50 ms.
WakeReason wait_for(const WaitSet& waiting, const Context& context);

/// Returns cancelled or deadline if the context says so now, otherwise go_on.
/// Costs no system call, but for what is_interrupted costs.
WakeReason look_at(const Context& context, Clock::time_point now);

/// A descriptor that one thread makes readable to wake another that polls it.
class Wakeup {
 public:
  Wakeup();
  ~Wakeup();
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;

  /// Makes the descriptor readable, from any thread. Never blocks.
  void signal() const;

  /// Makes it unreadable again.
  void drain() const;

  /// -1 if none could be opened (the process is out of descriptors).
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

}  // namespace sessionvitals::engine

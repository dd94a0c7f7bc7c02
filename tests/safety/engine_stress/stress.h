#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sessionvitals/engine/pool_transport.h"

/// What the parts of the stress program have in common. Each part prints one
/// JSON object on one line and returns whether its promise was kept.
namespace stress {

using sessionvitals::Clock;

/// Random numbers that a seed repeats; small and good enough (splitmix64).
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  std::uint64_t roll() {
    std::uint64_t bits = state_ += 0x9e3779b97f4a7c15U;
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9U;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebU;
    return bits ^ (bits >> 31);
  }

  /// From `low` to `high`, both included.
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(roll() % static_cast<std::uint64_t>(high - low + 1));
  }

 private:
  std::uint64_t state_;
};

/// How many descriptors and threads the process has, itself not counted.
std::size_t count_descriptors();
std::size_t count_threads();

/// How long this thread has been ready to run and was not let, so far: what is
/// the machine's and not the engine's. 0 where the kernel does not count it.
std::chrono::nanoseconds time_not_let();

/// For calls that change nothing at the peer, and may be sent again.
inline const sessionvitals::engine::CallPolicy kAsksOnly{.effect = sessionvitals::Effect::none};

/// Returns a GET (or PATCH) of that target.
sessionvitals::Request request_of(const std::string& target, const std::string& method = "GET");

/// Opens a transport; ends the program if that fails.
std::shared_ptr<const sessionvitals::engine::PoolTransport> open(
    const std::string& base_url, const sessionvitals::TransportOptions& options = {});

// The parts. `count` is how many cases, `seed` repeats them.
bool run_plans(std::size_t count, std::uint64_t seed);
bool run_plans_by_reactor(std::size_t count, std::uint64_t seed);
bool run_cancels(std::size_t count, std::uint64_t seed);
bool run_forks(std::size_t count, std::uint64_t seed);
bool run_sent_once(std::size_t count, std::uint64_t seed);
bool run_messages(std::size_t count, std::uint64_t seed);
bool run_tls(std::size_t count, std::uint64_t seed);
bool run_rules(std::size_t count, std::uint64_t seed);
bool run_retry_vectors(const std::string& file);

}  // namespace stress

// Cancels at random moments, from another thread: does the call end as cancelled
// or well, and is everything given back?

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <semaphore>
#include <thread>

#include "peer.h"
#include "stress.h"

namespace stress {
namespace {

using sessionvitals::CallReport;
using sessionvitals::CancelToken;
using sessionvitals::Context;
using sessionvitals::ErrorKind;

/// One caller with a thread of its own that cancels its calls.
class Pair {
 public:
  Pair(const sessionvitals::engine::PoolTransport& transport, std::uint64_t seed)
      : transport_(transport), dice_(seed), canceller_([this] { cancel_all(); }) {}

  ~Pair() {
    is_over_ = true;
    begun_.release();
    canceller_.join();
  }

  /// Makes a call that is cancelled after at most a millisecond; returns whether
  /// it ended as it may.
  bool make_call() {
    constexpr const char* kKinds[] = {"ok", "ok", "stall-head", "stall-body", "drip"};
    const CancelToken token;
    token_ = &token;
    Context context;
    context.deadline = Clock::now() + std::chrono::seconds(30);
    context.cancel = &token;
    patience_ = std::chrono::microseconds(dice_.between(0, 1000));
    CallReport report;
    begun_.release();
    const auto kind = kKinds[dice_.between(0, 4)];
    const auto result =
        transport_.send(request_of("/" + std::string(kind) + "/t"), kAsksOnly, context, report);
    ended_.acquire();  // the canceller is done with the token
    if (!result && result.error().kind() == ErrorKind::call_cancelled) ++cancelled;
    return result || result.error().kind() == ErrorKind::call_cancelled;
  }

  std::size_t cancelled = 0;

 private:
  void cancel_all() {
    for (;;) {
      begun_.acquire();
      if (is_over_) return;
      const auto end = Clock::now() + patience_;
      while (Clock::now() < end) std::this_thread::yield();
      token_->cancel();
      ended_.release();
    }
  }

  const sessionvitals::engine::PoolTransport& transport_;
  Dice dice_;
  const CancelToken* token_ = nullptr;
  std::chrono::microseconds patience_{};
  std::atomic<bool> is_over_{false};
  std::binary_semaphore begun_{0};
  std::binary_semaphore ended_{0};
  std::thread canceller_;
};

}  // namespace

bool run_cancels(std::size_t count, std::uint64_t seed) {
  std::thread([] {}).join();  // a sanitizer starts a thread of its own with the first
  const std::size_t descriptors_before = count_descriptors();
  const std::size_t threads_before = count_threads();
  std::atomic<std::size_t> wrong{0};
  std::atomic<std::size_t> cancelled{0};
  std::size_t leased = 0;
  std::size_t waiting = 0;
  bool works_after = false;
  {
    Peer peer;
    sessionvitals::TransportOptions options;
    options.max_connections = 6;  // fewer than callers, so that some are cancelled in the queue
    const auto transport = open(peer.url("/c"), options);
    std::vector<std::thread> callers;
    for (std::uint64_t i = 0; i < 8; ++i) {
      callers.emplace_back([&, i] {
        Pair pair(*transport, seed * 100 + i);
        for (std::size_t n = 0; n < count / 8; ++n) wrong += pair.make_call() ? 0U : 1U;
        cancelled += pair.cancelled;
      });
    }
    for (std::thread& caller : callers) caller.join();
    leased = transport->statistics().leased;
    waiting = transport->statistics().waiting;
    CallReport report;
    Context context;
    context.deadline = Clock::now() + std::chrono::seconds(30);
    works_after = transport->send(request_of("/ok/t"), kAsksOnly, context, report).has_value();
  }
  const auto more_descriptors =
      static_cast<long>(count_descriptors()) - static_cast<long>(descriptors_before);
  const auto more_threads = static_cast<long>(count_threads()) - static_cast<long>(threads_before);
  std::printf(
      "{\"cancels\": %zu, \"cancelled\": %zu, \"wrong\": %zu, \"leased\": %zu, \"waiting\": %zu, "
      "\"works_after\": %s, \"more_descriptors\": %ld, \"more_threads\": %ld}\n",
      count, cancelled.load(), wrong.load(), leased, waiting, works_after ? "true" : "false",
      more_descriptors, more_threads);
  return wrong == 0 && leased == 0 && waiting == 0 && works_after && more_descriptors == 0 &&
         more_threads == 0;
}

}  // namespace stress

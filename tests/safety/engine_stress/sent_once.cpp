// A kept-alive connection that the server closes just as a request is sent on
// it: is a PATCH ever seen twice, and does a GET always come through?

#include <atomic>
#include <cstdio>
#include <thread>

#include "peer.h"
#include "stress.h"

namespace stress {
namespace {

using sessionvitals::CallReport;
using sessionvitals::Context;

bool make_call(const sessionvitals::engine::PoolTransport& transport,
               const sessionvitals::Request& request) {
  CallReport report;
  Context context;
  context.deadline = Clock::now() + std::chrono::seconds(30);
  // A GET must come through without a retry: the fresh connection is not one.
  sessionvitals::engine::CallPolicy policy;
  if (request.method == "GET") {
    policy.max_retries = 0;
    policy.effect = sessionvitals::Effect::none;
  }
  const auto response = transport.send(request, policy, context, report);
  return response && response->http_status == 200;
}

}  // namespace

bool run_sent_once(std::size_t count, std::uint64_t seed) {
  Peer peer;
  std::atomic<std::size_t> seen_twice{0};
  std::atomic<std::size_t> seen_once{0};
  std::atomic<std::size_t> failed_gets{0};
  std::atomic<std::size_t> failed_patches{0};
  std::vector<std::thread> threads;
  for (std::uint64_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      Dice dice(seed * 10 + thread);
      sessionvitals::TransportOptions options;
      options.max_idle = std::chrono::milliseconds(3000 + static_cast<std::int64_t>(thread));
      const auto transport = open(peer.url("/s"), options);
      for (std::size_t i = 0; i < count / 4; ++i) {
        const std::string token = std::to_string(thread) + "-" + std::to_string(i);
        // Answers, and closes: the connection goes back to the pool and is
        // closed by the peer at about the time of the next request.
        // Or it takes that request in before it closes, and answers nothing.
        const std::string kind = dice.between(0, 1) == 0 ? "/close-after/" : "/close-on-next/";
        if (!make_call(*transport, request_of(kind + token))) ++failed_gets;
        const auto end = Clock::now() + std::chrono::microseconds(dice.between(0, 120));
        while (Clock::now() < end) {
        }
        if (i % 2 == 0) {
          const std::string target = "/ok/patch-" + token;
          if (!make_call(*transport, request_of(target, "PATCH"))) ++failed_patches;
          const int seen = peer.seen("/s" + target);
          if (seen > 1) ++seen_twice;
          if (seen == 1) ++seen_once;
        } else if (!make_call(*transport, request_of("/ok/get-" + token))) {
          ++failed_gets;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::printf(
      "{\"races\": %zu, \"patches_seen_twice\": %zu, \"patches_seen_once\": %zu, "
      "\"patches_failed\": %zu, \"gets_failed\": %zu}\n",
      count, seen_twice.load(), seen_once.load(), failed_patches.load(), failed_gets.load());
  return seen_twice == 0 && failed_gets == 0;
}

}  // namespace stress

// Rules of the engine that only it can be asked about: addresses are raced, a pool
// is bounded and first come is first served, old connections are let go of, and the
// process has a budget of retries. No figures: each holds or does not.

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>

#include "peer.h"
#include "sessionvitals/engine/call/retry.h"
#include "sessionvitals/engine/net/pool.h"
#include "sessionvitals/engine/net/resolver.h"
#include "stress.h"

namespace stress {
namespace {

using sessionvitals::CallReport;
using sessionvitals::Context;
using sessionvitals::engine::Resolved;
using sessionvitals::engine::RetryBudget;
using std::chrono::milliseconds;

std::size_t broken = 0;

void expect(bool holds, const char* rule) {
  if (holds) return;
  ++broken;
  std::fprintf(stderr, "does not hold: %s\n", rule);
}

struct Outcome {
  sessionvitals::Result<sessionvitals::Response> response;
  CallReport report;
};

Outcome ask(const sessionvitals::engine::PoolTransport& transport, const std::string& target,
            const sessionvitals::CancelToken* cancel = nullptr, int max_retries = 0,
            sessionvitals::Effect effect = sessionvitals::Effect::none,
            milliseconds deadline = std::chrono::seconds(30)) {
  Context context;
  context.deadline = Clock::now() + deadline;
  context.cancel = cancel;
  sessionvitals::engine::CallPolicy policy;
  policy.max_retries = max_retries;
  policy.effect = effect;
  CallReport report;
  auto response = transport.send(request_of(target), policy, context, report);
  return {std::move(response), std::move(report)};
}

bool is_answered(const sessionvitals::engine::PoolTransport& transport, milliseconds deadline) {
  const auto effect = sessionvitals::Effect::none;
  return static_cast<bool>(ask(transport, "/a/ok/t", nullptr, 0, effect, deadline).response);
}

/// A transport to a host of many addresses; its calls look the host up anew.
std::shared_ptr<const sessionvitals::engine::PoolTransport> open_host(
    const std::string& host, const std::vector<std::pair<const char*, int>>& addresses) {
  sessionvitals::engine::set_lookup_function([addresses](const std::string&, int) {
    Resolved all;
    for (const auto& [address, port] : addresses) {
      const Resolved one = sessionvitals::engine::look_up_and_wait(address, port);
      all.addresses.insert(all.addresses.end(), one.addresses.begin(), one.addresses.end());
    }
    return all;
  });
  return open("http://" + host);
}

void check_addresses() {
  Peer peer;
  const BlackHole hole;
  const int good = peer.port();
  const std::string address = "127.0.0.1:" + std::to_string(good);
  const auto begun = Clock::now();
  const Outcome raced =
      ask(*open_host("raced.test", {{"127.0.0.1", hole.port()}, {"127.0.0.1", good}}), "/a/ok/t");
  expect(raced.response && raced.report.attempts.size() == 1 &&
             raced.report.attempts[0].address == address,
         "an address that does not answer is left for the next");
  expect(Clock::now() - begun < std::chrono::seconds(20), "and long before the deadline");

  const Outcome refused = ask(
      *open_host("refused.test", {{"::1", 1}, {"127.0.0.1", 1}, {"127.0.0.1", good}}), "/a/ok/t");
  expect(refused.response && refused.report.attempts.size() == 1 &&
             refused.report.attempts[0].address == address,
         "one that refuses is, too");

  const Outcome none = ask(
      *open_host("none.test", {{"::1", 1}, {"::1", 2}, {"127.0.0.1", 3}, {"127.0.0.1", 4}}), "/t");
  expect(!none.response, "none of them is an error");
  const std::string words = none.response ? "" : none.response.error().message();
  const std::size_t order[] = {words.find("[::1]:1"), words.find("127.0.0.1:3"),
                               words.find("[::1]:2"), words.find("127.0.0.1:4")};
  expect(std::is_sorted(std::begin(order), std::end(order)) && order[3] != std::string::npos,
         "that names each, the families in turn");
  sessionvitals::engine::set_lookup_function(nullptr);
}

void check_room_for_each_address() {
  Peer peer;
  const BlackHole hole;
  const auto last_alive_of = [&](std::size_t count) {
    std::vector<std::pair<const char*, int>> addresses(count - 1, {"127.0.0.1", hole.port()});
    addresses.emplace_back("127.0.0.1", peer.port());
    return open_host("last-of-" + std::to_string(count) + ".test", addresses);
  };
  expect(is_answered(*last_alive_of(5), milliseconds(10'000)),
         "the last of five addresses has its turn");
  expect(is_answered(*last_alive_of(5), milliseconds(1000)), "also where the deadline comes soon");
  expect(is_answered(*last_alive_of(20), milliseconds(4000)), "and the last of twenty");
  sessionvitals::engine::set_lookup_function(nullptr);
}

/// Lets the lookups of some hosts hang until it is destroyed.
class HangingLookups {
 public:
  explicit HangingLookups(std::string prefix) {
    sessionvitals::engine::set_lookup_function([this, prefix](const std::string& host, int port) {
      if (!host.starts_with(prefix)) {
        return sessionvitals::engine::look_up_and_wait("127.0.0.1", port);
      }
      std::unique_lock lock(mutex_);
      ++begun_;
      ++hanging_;
      changed_.wait(lock, [this] { return is_over_; });
      --hanging_;
      changed_.notify_all();
      return Resolved{{}, "hung"};
    });
  }
  ~HangingLookups() {
    std::unique_lock lock(mutex_);
    is_over_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return hanging_ == 0; });
    sessionvitals::engine::set_lookup_function(nullptr);
  }

  int begun() {
    const std::lock_guard lock(mutex_);
    return begun_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int begun_ = 0;
  int hanging_ = 0;
  bool is_over_ = false;
};

void check_lookups() {
  Peer peer;
  const std::string port = ":" + std::to_string(peer.port());
  HangingLookups lookups("hang.");
  const std::size_t descriptors = count_descriptors();
  for (int i = 0; i < 20; ++i) {
    // Each after the time for which a lookup is shared, as if there were a second between them.
    const auto hanging = open("http://hang.test" + port + "/" + std::to_string(i));
    expect(!is_answered(*hanging, milliseconds(i < 3 ? 1100 : 50)),
           "a lookup that hangs ends with the call's deadline");
  }
  expect(lookups.begun() <= 2, "a host has two lookups at most");
  expect(count_descriptors() <= descriptors + 2, "callers that have left leave no descriptor");
  expect(static_cast<bool>(ask(*open("http://other.test" + port), "/a/ok/t").response),
         "a host whose lookups hang leaves threads to the others");

  std::vector<std::thread> threads;
  std::atomic<int> failed{0};
  for (int i = 0; i < 64; ++i) {
    threads.emplace_back([&, i] {
      const auto shared = open("http://shared.test" + port + "/" + std::to_string(i));
      if (!ask(*shared, "/ok/t").response) ++failed;
    });
  }
  for (std::thread& thread : threads) thread.join();
  expect(failed == 0, "64 callers share the lookups of a host");
}

void check_pool() {
  Peer peer;
  sessionvitals::TransportOptions options;
  options.max_connections = 2;
  const auto two = open(peer.url("/two"), options);
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 50; ++n) {
        if (!ask(*two, "/ok/t").response) std::fprintf(stderr, "a call of six failed\n");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  expect(two->statistics().opened <= 2 && two->statistics().leased == 0, "a pool is bounded");

  options.max_connections = 1;
  const auto one = open(peer.url("/one"), options);
  sessionvitals::CancelToken leave;
  std::vector<std::thread> queue;
  queue.emplace_back([&] { ask(*one, "/stall-head/t", &leave); });
  while (one->statistics().leased == 0) std::this_thread::yield();
  for (std::size_t place = 0; place < 5; ++place) {
    queue.emplace_back([&, place] { ask(*one, "/ok/place-" + std::to_string(place)); });
    while (one->statistics().waiting <= place) std::this_thread::yield();
  }
  leave.cancel();
  for (std::thread& thread : queue) thread.join();
  const std::vector<std::string> order = peer.order();
  std::vector<std::string> places;
  std::copy_if(order.begin(), order.end(), std::back_inserter(places),
               [](const std::string& target) { return target.find("/place-") != target.npos; });
  expect(places.size() == 5 && std::is_sorted(places.begin(), places.end()),
         "who came first is served first");

  options.max_idle = milliseconds(0);
  const auto fresh = open(peer.url("/fresh"), options);
  for (int i = 0; i < 3; ++i) ask(*fresh, "/ok/t");
  expect(fresh->statistics().opened == 3 && fresh->statistics().reused == 0,
         "a connection that was idle for too long is not used again");
}

/// Has the pool's one idle connection look as if it had been idle that long already.
void age_idle(const std::shared_ptr<sessionvitals::engine::Pool>& pool, milliseconds age) {
  sessionvitals::engine::Lease lease(pool);
  lease.acquire();
  auto connection = lease.take_idle(Clock::now());
  if (connection) lease.give_back(std::move(connection), Clock::now() - age);
}

void check_once() {
  using sessionvitals::Effect;
  Peer peer;
  sessionvitals::TransportOptions options;
  options.max_connections = 1;
  const auto transport = open(peer.url("/once"), options);
  auto url = sessionvitals::engine::parse_base_url(peer.url());
  const auto pool = sessionvitals::engine::Pool::find_or_make({*url, {}, options});
  const auto is_reused = [&](Effect effect, milliseconds age) {
    age_idle(pool, age);
    const CallReport report = ask(*transport, "/ok/t", nullptr, 0, effect).report;
    return report.attempts.size() == 1 && report.attempts[0].reused;
  };
  ask(*transport, "/ok/t");
  expect(is_reused(Effect::once, milliseconds(0)), "a call that may act twice takes a fresh one");
  expect(!is_reused(Effect::once, milliseconds(1100)), "and none that was idle for a second");
  expect(is_reused(Effect::none, milliseconds(1100)), "which a read does");
  expect(is_reused(Effect::idempotent, milliseconds(1100)), "and what may be repeated");
  const auto now = transport->statistics();
  expect(now.idle + now.leased == 1 && now.opened == 2, "within the bound of the pool");
}

void check_budget() {
  RetryBudget budget;
  auto now = Clock::now();
  const auto takes = [&](int most) {
    int taken = 0;
    while (taken < most && budget.take(now)) ++taken;
    return taken;
  };
  expect(takes(1000) == RetryBudget::kMax, "the budget has an end");
  now += milliseconds(100);
  expect(takes(1000) == 1, "one comes back every 100 ms");
  for (int i = 0; i < 20; ++i) budget.note_success();
  expect(takes(1000) == 2, "and a tenth for each success");
  now += std::chrono::hours(24);
  expect(takes(1000) == RetryBudget::kMax, "and never more than there were");

  Peer peer;
  const auto transport = open(peer.url("/budget"));
  std::size_t retries = 0;
  std::string reason;
  for (int i = 0; i < 400 && reason.find("budget") == std::string::npos; ++i) {
    const CallReport report = ask(*transport, "/503/t", nullptr, 2).report;
    retries += report.attempts.size() - 1;
    reason = report.attempts.back().wait_reason;
  }
  expect(retries >= 150 && reason == "the process has spent its budget of retries",
         "all calls of the process share one");
}

}  // namespace

bool run_rules(std::size_t, std::uint64_t) {
  check_addresses();
  check_room_for_each_address();
  check_lookups();
  check_pool();
  check_once();
  check_budget();
  std::printf("{\"broken\": %zu}\n", broken);
  return broken == 0;
}

}  // namespace stress

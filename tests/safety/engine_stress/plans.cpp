// Random plans of what can go wrong, each with a deadline: how far past it does a
// call end, does one hang, and does every error name the phase it died in?

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

#include "peer.h"
#include "sessionvitals/engine/drivers/reactor.h"
#include "sessionvitals/engine/net/resolver.h"
#include "stress.h"

namespace stress {
namespace {

using sessionvitals::CallReport;
using sessionvitals::Context;
using sessionvitals::ErrorKind;
using sessionvitals::Phase;
using sessionvitals::Request;
using sessionvitals::Response;
using sessionvitals::Result;
using std::chrono::milliseconds;

/// What may come of a plan: a response of that status, or an error of that kind
/// in one of those phases.
struct Expected {
  int http_status = 0;
  std::set<std::pair<ErrorKind, Phase>> errors;
};

struct Plan {
  const char* name;
  Expected expected;
  std::string base_url;
  Request request;
  sessionvitals::TransportOptions options = {};
};

/// A resolver that hangs for names in "hang.", until the test is over.
class HangingResolver {
 public:
  HangingResolver() {
    sessionvitals::engine::set_lookup_function([this](const std::string& host, int port) {
      if (host.starts_with("hang.")) {
        std::unique_lock lock(mutex_);
        ++hanging_;
        over_.wait(lock, [this] { return is_over_; });
        --hanging_;
        over_.notify_all();
        return sessionvitals::engine::Resolved{{}, "hung"};
      }
      return sessionvitals::engine::look_up_and_wait(host, port);
    });
  }

  ~HangingResolver() {
    std::unique_lock lock(mutex_);
    is_over_ = true;
    over_.notify_all();
    over_.wait(lock, [this] { return hanging_ == 0; });
    sessionvitals::engine::set_lookup_function(nullptr);
  }

 private:
  std::mutex mutex_;
  std::condition_variable over_;
  int hanging_ = 0;
  bool is_over_ = false;
};

struct Scene {
  Peer peer;
  BlackHole black_hole;
  HangingResolver resolver;
};

constexpr auto kLate = ErrorKind::deadline_exceeded;
constexpr auto kLost = ErrorKind::transport_error;

/// A failure that is tried again: the deadline may come in the midst of a retry.
std::set<std::pair<ErrorKind, Phase>> either_lost(Phase phase) {
  if (phase == Phase::connect) return {{kLost, phase}, {kLate, phase}};
  return {{kLost, Phase::receive},
          {kLost, phase},
          {kLate, Phase::receive},
          {kLate, Phase::send},
          {kLate, Phase::connect}};
}

/// Draws a plan. `number` makes its target, and with it its gate, its own.
Plan draw(Dice& dice, Scene& scene, std::size_t number) {
  const std::string own = "/p" + std::to_string(number);
  const auto get = [&](const std::string& kind) { return request_of("/" + kind + "/t"); };
  const std::string base = scene.peer.url(own);
  switch (dice.between(0, 16)) {
    case 0:
      return {"connect that never completes",
              {0, {{kLate, Phase::connect}}},
              "http://127.0.0.1:" + std::to_string(scene.black_hole.port()) + own,
              get("ok")};
    case 1:
      return {"resolver that hangs",
              {0, {{kLate, Phase::resolve}}},
              "http://hang.test" + own,
              get("ok")};
    case 2:
      return {"TLS that stalls",
              {0, {{kLate, Phase::tls}}},
              "https://127.0.0.1:" + std::to_string(scene.peer.port()) + own,
              get("ok")};
    case 3: {
      Request big = request_of("/mute/t", "POST");
      big.body.assign(std::size_t{4} * 1024 * 1024, 'x');
      return {"send that stalls", {0, {{kLate, Phase::send}}}, base, big};
    }
    case 4:
      return {"no answer", {0, {{kLate, Phase::receive}}}, base, get("stall-head")};
    case 5:
      return {"half a body", {0, {{kLate, Phase::receive}}}, base, get("stall-body")};
    case 6:
      return {"drip", {0, {{kLate, Phase::receive}}}, base, get("drip")};
    case 7:
      return {"reset", {0, either_lost(Phase::send)}, base, get("reset")};
    case 8:
      return {"answer cut short", {0, either_lost(Phase::receive)}, base, get("cut")};
    case 9:
      return {"garbage", {0, {{ErrorKind::contract_error, Phase::done}}}, base, get("garbage")};
    case 10:
      return {"503 twice, then well", {200, {}}, base, get("503-then-ok")};
    case 11:
      return {"503 with a long wait", {503, {}}, base, get("503-long")};
    case 12:
      return {"429 with a long wait", {429, {}}, base, get("429-long")};
    case 13:
      return {"refused connect",
              {0, either_lost(Phase::connect)},
              "http://127.0.0.1:1" + own,
              get("ok")};
    case 14: {
      sessionvitals::TransportOptions one;
      one.max_connections = 1;
      one.max_idle = milliseconds(1000 + static_cast<std::int64_t>(number));  // a pool of its own
      return {"queue", {0, {{kLate, Phase::queue}}}, base, get("stall-head"), one};
    }
    case 15: {
      Request big = request_of("/body/500000", "POST");
      big.body.assign(500'000, 'x');
      return {"a body, and well", {200, {}}, base, big};
    }
    default:
      return {"well", {200, {}}, base, get("ok")};
  }
}

enum class Verdict { right, starved, wrong };

/// A thread that the machine did not let run comes to its deadline in an earlier
/// phase than planned. That is no misreport, but counted.
Verdict judge(const Expected& expected, const Result<Response>& result) {
  if (result) return result->http_status == expected.http_status ? Verdict::right : Verdict::wrong;
  const auto found = std::pair(result.error().kind(), result.error().phase());
  if (expected.errors.count(found) > 0) return Verdict::right;
  const bool is_earlier =
      std::any_of(expected.errors.begin(), expected.errors.end(),
                  [&](const auto& error) { return found.second < error.second; });
  return found.first == kLate && is_earlier ? Verdict::starved : Verdict::wrong;
}

struct Tally {
  std::mutex mutex;
  std::vector<std::pair<double, const char*>> over;  // milliseconds past the deadline, and which
  // The same, less the time for which the thread was not let run during the call:
  // what the machine cannot be blamed for.
  std::vector<double> own;
  std::size_t misreported = 0;
  std::size_t starved = 0;
  std::size_t ended = 0;
};

/// The two drivers of a call, behind one face.
using Driver = Result<Response> (*)(const sessionvitals::engine::PoolTransport& transport,
                                    const Request& request, const Context& context,
                                    CallReport& report);

Result<Response> send_by_poll(const sessionvitals::engine::PoolTransport& transport,
                              const Request& request, const Context& context, CallReport& report) {
  return transport.send(request, kAsksOnly, context, report);
}

Result<Response> send_by_reactor(const sessionvitals::engine::PoolTransport& transport,
                                 const Request& request, const Context& context,
                                 CallReport& report) {
  sessionvitals::engine::Reactor reactor;
  sessionvitals::engine::ReactorTask job;
  job.deadline = context.deadline;
  job.call = transport.begin(request, kAsksOnly, context.deadline, report);
  reactor.start(job);
  bool is_done = false;
  while (!is_done) {
    Context forever;
    [[maybe_unused]] const auto woken =
        reactor.run(forever, [&](sessionvitals::engine::ReactorTask&) { is_done = true; });
  }
  return job.call->take();
}

void run_plan(const Plan& plan, milliseconds deadline, Driver send, Tally& tally) {
  const auto transport = open(plan.base_url, plan.options);
  // A queue needs somebody in front.
  std::thread in_front;
  std::atomic<bool> has_begun{false};
  sessionvitals::CancelToken leave;
  if (plan.expected.errors.count({kLate, Phase::queue}) > 0) {
    in_front = std::thread([&] {
      CallReport ignored;
      Context context;
      context.deadline = Clock::now() + std::chrono::seconds(60);
      context.cancel = &leave;
      has_begun = true;
      auto result = transport->send(plan.request, kAsksOnly, context, ignored);
    });
    while (!has_begun || transport->statistics().leased == 0) std::this_thread::yield();
  }
  CallReport report;
  Context context;
  context.deadline = Clock::now() + deadline;
  const auto not_let = time_not_let();
  const Result<Response> result = send(*transport, plan.request, context, report);
  const auto over = Clock::now() - context.deadline;
  const auto own = over - (time_not_let() - not_let);
  if (in_front.joinable()) {
    leave.cancel();
    in_front.join();
  }
  const Verdict verdict = judge(plan.expected, result);
  const std::lock_guard lock(tally.mutex);
  ++tally.ended;
  tally.over.emplace_back(std::chrono::duration<double, std::milli>(over).count(), plan.name);
  tally.own.push_back(std::chrono::duration<double, std::milli>(own).count());
  if (verdict == Verdict::starved) ++tally.starved;
  if (verdict == Verdict::wrong) {
    ++tally.misreported;
    std::fprintf(
        stderr, "%s (%lld ms): %s\n", plan.name, static_cast<long long>(deadline.count()),
        result ? ("HTTP status " + std::to_string(result->http_status)).c_str()
               : (std::string(phase_name(result.error().phase())) + ": " + result.error().message())
                     .c_str());
  }
}

bool run_all(std::size_t count, std::uint64_t seed, Driver send) {
  Scene scene;
  Tally tally;
  std::atomic<std::size_t> next{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (std::size_t number = next++; number < count; number = next++) {
        Dice dice(seed * 1'000'003 + number);
        const Plan plan = draw(dice, scene, number);
        // What is to go well is given the time for it on a slow day, too.
        const bool goes_well = plan.expected.http_status != 0;
        const milliseconds deadline(goes_well ? 5000 : dice.between(20, 250));
        run_plan(plan, deadline, send, tally);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::sort(tally.over.begin(), tally.over.end());
  const double p999 = tally.over[(tally.over.size() - 1) * 999 / 1000].first;
  const auto [most, where] = tally.over.back();
  std::sort(tally.own.begin(), tally.own.end());
  const double own_p999 = tally.own[(tally.own.size() - 1) * 999 / 1000];
  std::printf(
      "{\"plans\": %zu, \"ended\": %zu, \"misreported\": %zu, \"starved\": %zu, \"over_p999_ms\": "
      "%.2f, "
      "\"over_most_ms\": %.2f, \"over_most_in\": \"%s\", \"own_p999_ms\": %.2f, \"own_most_ms\": "
      "%.2f}\n",
      count, tally.ended, tally.misreported, tally.starved, p999, most, where, own_p999,
      tally.own.back());
  return tally.ended == count && tally.misreported == 0;
}

}  // namespace

bool run_plans(std::size_t count, std::uint64_t seed) { return run_all(count, seed, send_by_poll); }

bool run_plans_by_reactor(std::size_t count, std::uint64_t seed) {
  return run_all(count, seed, send_by_reactor);
}

}  // namespace stress

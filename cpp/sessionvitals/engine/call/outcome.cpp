#include "sessionvitals/engine/call/outcome.h"

#include <bit>
#include <string>
#include <utility>

namespace sessionvitals::engine {
namespace {

using std::chrono::microseconds;

/// From 0 to below 1, different for each call and time.
double draw_jitter(Clock::time_point now, const void* call) {
  auto bits = static_cast<std::uint64_t>(now.time_since_epoch().count()) ^
              std::bit_cast<std::uintptr_t>(call);
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9U;  // splitmix64
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebU;
  return static_cast<double>((bits ^ (bits >> 31)) >> 11) * 0x1.0p-53;
}

/// What a call was about in a phase, to follow "while ".
std::string_view describe(Phase phase) {
  switch (phase) {
    case Phase::queue:
      return "it waited for a free connection of the pool";
    case Phase::resolve:
      return "the host's name was looked up";
    case Phase::connect:
      return "it connected";
    case Phase::proxy:
      return "the proxy opened a tunnel";
    case Phase::tls:
      return "TLS was set up";
    case Phase::send:
      return "the request was sent";
    case Phase::receive:
      return "it waited for the response";
    case Phase::wait:
      return "it waited before the next attempt";
    case Phase::done:
      break;
  }
  return "it ended";
}

}  // namespace

Timestamp wall_clock() {
  return std::chrono::time_point_cast<microseconds>(std::chrono::system_clock::now());
}

RetryDecision decide_within_budget(RetryQuestion question, const std::vector<Header>& headers,
                                   Clock::time_point now, const void* call) {
  question.jitter = draw_jitter(now, call);
  const Timestamp wall = wall_clock();
  RetryDecision decision = decide_retry(question, headers, wall);
  if (decision.again && !RetryBudget::of_process().take(now)) {
    question.has_budget = false;
    decision = decide_retry(question, headers, wall);
  }
  return decision;
}

Error ended_early(WakeReason why, Phase phase) {
  const std::string words(describe(phase));
  if (why == WakeReason::deadline) {
    return {ErrorKind::deadline_exceeded, phase,
            "The time allowed passed while " + words +
                ". Allow more by timeout=, or deadline= where that was given, or check that the "
                "server answers."};
  }
  return {ErrorKind::call_cancelled, phase, "The call was cancelled while " + words + "."};
}

Response refused_by_gate(Clock::duration until_open) {
  const auto left = std::chrono::ceil<std::chrono::seconds>(until_open);
  return {429, {{"Retry-After", std::to_string(left.count())}}, {}};
}

}  // namespace sessionvitals::engine

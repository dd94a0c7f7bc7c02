#include "sessionvitals/engine/call/custom_call.h"

#include <exception>
#include <optional>
#include <utility>

#include "sessionvitals/engine/call/outcome.h"
#include "sessionvitals/engine/http/encode.h"

namespace sessionvitals::engine {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;

class CustomCall {
 public:
  CustomCall(const CustomEndpoint& endpoint, Request request, const CallPolicy& policy,
             const Context& context, CallReport& report)
      : endpoint_(endpoint),
        request_(std::move(request)),
        policy_(policy),
        context_(context),
        attempt_context_(context),
        report_(report) {
    attempt_context_.body_limit = policy.body_limit;
  }

  Result<Response> run() {
    for (int retries = 0;; ++retries) {
      if (auto ended = pass_gate()) return *std::move(ended);
      Attempt attempt;
      const Clock::time_point began = Clock::now();
      attempt.started = duration_cast<microseconds>(began - started_);
      LastAttempt last;
      auto outcome = send_once(attempt, last);
      const Clock::time_point now = Clock::now();
      attempt.duration = duration_cast<microseconds>(now - began);
      const Clock::duration wait = decide(outcome, last, retries, now, attempt);
      report_.attempts.push_back(std::move(attempt));
      if (wait < Clock::duration::zero()) return outcome;
      switch (wait_until(now + wait)) {
        case WakeReason::go_on:
          break;
        case WakeReason::deadline:
          return outcome;  // says more than that there was no time for another attempt
        case WakeReason::cancelled:
          return ended_early(WakeReason::cancelled, Phase::wait);
      }
    }
  }

  microseconds elapsed() const { return duration_cast<microseconds>(Clock::now() - started_); }

 private:
  WakeReason wait_until(Clock::time_point time) const {
    WaitSet waiting;
    waiting.until = time;
    return wait_for(waiting, context_);
  }

  /// Waits until calls may be made. Returns what the call is over with if it must not.
  std::optional<Result<Response>> pass_gate() {
    for (;;) {
      const Clock::time_point now = Clock::now();
      if (const WakeReason seen = look_at(context_, now); seen != WakeReason::go_on) {
        return ended_early(seen, Phase::queue);
      }
      const Clock::time_point opens = endpoint_.gate->opens();
      if (opens <= now) return std::nullopt;
      Attempt& waited = report_.attempts.emplace_back();
      waited.phase = Phase::wait;
      waited.started = duration_cast<microseconds>(now - started_);
      if (opens >= context_.deadline) {
        waited.http_status = 429;
        waited.error = kGateRefusal;
        return refused_by_gate(opens - now);
      }
      waited.wait_reason = kGateReason;
      const WakeReason woken = wait_until(opens);
      waited.wait = duration_cast<microseconds>(Clock::now() - now);
      if (woken != WakeReason::go_on) return ended_early(woken, Phase::wait);
    }
  }

  Result<Response> send_once(Attempt& attempt, LastAttempt& last) {
    auto outcome = ask(attempt);
    attempt.http_status = 0;
    if (outcome && outcome->body.size() > policy_.body_limit) {
      outcome =
          Error(Violation{"", "a body of at most " + std::to_string(policy_.body_limit) + " bytes",
                          "a longer one"});
    }
    if (outcome) {
      attempt.phase = last.phase = Phase::done;
      attempt.http_status = last.http_status = outcome->http_status;
      last.may_have_left = true;
      return outcome;
    }
    const bool is_unsent = outcome.error().kind() == ErrorKind::configuration_error;
    last.phase = outcome.error().phase();
    // Where the transport names no phase, the peer may have seen the request.
    if (last.phase == Phase::done) last.phase = is_unsent ? Phase::queue : Phase::receive;
    last.may_have_left = last.phase == Phase::send || last.phase == Phase::receive;
    last.broke_contract = outcome.error().kind() == ErrorKind::contract_error;
    last.is_final = outcome.error().kind() != ErrorKind::transport_error;
    attempt.phase = last.phase;
    attempt.error = outcome.error().message();
    if (is_unsent || last.broke_contract) return outcome;
    const WakeReason seen = look_at(context_, Clock::now());
    if (seen == WakeReason::go_on) return outcome;
    last.is_final = true;
    attempt.error = seen == WakeReason::deadline ? "the deadline passed" : "cancelled";
    return ended_early(seen, last.phase);
  }

  Result<Response> ask(Attempt& attempt) const {
    try {
      return endpoint_.transport->send(endpoint_.origin, request_, attempt_context_, attempt);
    } catch (const std::exception& thrown) {
      return Error(ErrorKind::transport_error, Phase::receive,
                   std::string("The transport threw an exception: ") + thrown.what());
    } catch (...) {
      return Error(ErrorKind::transport_error, Phase::receive,
                   "The transport threw something that is no std::exception.");
    }
  }

  /// Returns how long to wait before the next attempt; less than 0: there is none.
  Clock::duration decide(const Result<Response>& outcome, const LastAttempt& last, int retries,
                         Clock::time_point now, Attempt& attempt) const {
    if (outcome && !is_retryable_status(outcome->http_status)) {
      RetryBudget::of_process().note_success();
      return Clock::duration(-1);
    }
    if (outcome && outcome->http_status == 429) {
      if (const auto asked = asked_wait(429, outcome->headers, wall_clock())) {
        endpoint_.gate->close_for(asked->wait, now);
      }
    }
    RetryQuestion question;
    question.last = last;
    question.retries = retries;
    question.policy = policy_;
    question.time_left = duration_cast<microseconds>(context_.deadline - now);
    const RetryDecision decision = decide_within_budget(
        question, outcome ? outcome->headers : std::vector<Header>(), now, this);
    attempt.wait = decision.wait;
    attempt.wait_reason = decision.reason;
    return decision.again ? Clock::duration(decision.wait) : Clock::duration(-1);
  }

  const CustomEndpoint& endpoint_;
  const Request request_;
  const CallPolicy policy_;
  const Context& context_;
  Context attempt_context_;  // the same, and how long the body may be
  CallReport& report_;
  const Clock::time_point started_ = Clock::now();
};

}  // namespace

CustomEndpoint::CustomEndpoint(const Url& url, std::shared_ptr<const Transport> own_transport)
    : origin(origin_of(url)),
      target_prefix(url.prefix),
      transport(std::move(own_transport)),
      gate(RateLimitGate::find_or_make(origin + url.prefix)) {}

Result<Response> send_over(const CustomEndpoint& endpoint, const Request& request,
                           const CallPolicy& policy, const Context& context, CallReport& report) {
  report.method = request.method;
  report.origin = endpoint.origin;
  report.attempts.clear();
  auto completed = complete_request(request, endpoint.target_prefix);
  if (!completed) return std::move(completed).error();
  CustomCall call(endpoint, *std::move(completed), policy, context, report);
  auto outcome = call.run();
  report.elapsed = call.elapsed();
  return outcome;
}

}  // namespace sessionvitals::engine

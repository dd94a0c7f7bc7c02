// How a call's attempts end, and what comes of it: the second half of call.h.

#include "sessionvitals/engine/call/call.h"
#include "sessionvitals/engine/call/outcome.h"

namespace sessionvitals::engine {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;

}  // namespace

void Call::begin_attempt() {
  attempt_ = Attempt{};
  attempt_started_ = now_;
  attempt_.started = since_start(now_);
}

bool Call::is_stale_reuse() const {
  return attempt_.reused && !has_replaced_stale_ &&
         (policy_.may_resend() || attempt_.bytes_sent == 0);
}

Call::Next Call::replace_stale(std::string error) {
  attempt_.wait_reason = "a kept-alive connection had ended; tried once on a fresh one";
  now_ = Clock::now();
  end_attempt(std::move(error));
  connection_.reset();  // the lease stays
  has_replaced_stale_ = true;
  needs_fresh_ = true;
  begin_attempt();
  stage_ = Stage::queue;
  return Next::go_on;
}

Call::Next Call::lose_connection(std::string error) {
  const bool is_stale = is_stale_reuse() && attempt_.bytes_received == 0;
  LastAttempt last;
  last.phase = attempt_.phase;
  // With TLS, bytes may be on their way that the count does not show yet.
  const TlsSession* tls = connection_->tls();
  last.may_have_left = attempt_.bytes_sent > 0 || tls != nullptr;
  last.is_final = tls != nullptr && tls->is_final();
  if (is_stale && (!last.may_have_left || policy_.may_resend())) {
    return replace_stale(std::move(error));
  }
  if (last.is_final) {
    error = tls->error();
  } else if (attempt_.phase == Phase::receive && attempt_.bytes_received == 0) {
    error += " Try again later; if it goes on, check base_url: http or https, and the port.";
  } else {
    error += " Try again later.";
  }
  return fail_attempt(last, Error(ErrorKind::transport_error, attempt_.phase, std::move(error)));
}

Call::Next Call::fail_contract(const Violation& violation) {
  LastAttempt last;
  last.phase = Phase::receive;
  last.may_have_left = true;
  last.broke_contract = true;
  return fail_attempt(last, Error(violation));
}

Call::Next Call::fail_proxy(const Proxy& proxy) {
  attempt_.phase = Phase::proxy;
  LastAttempt last;
  last.phase = Phase::proxy;
  last.is_final = true;
  return fail_attempt(last,
                      Error(ErrorKind::transport_error, Phase::proxy,
                            "The proxy " + proxy.host + " refused the request with HTTP status " +
                                std::to_string(response_.http_status) +
                                advice_for_refusal(response_.http_status, proxy)));
}

Call::Next Call::take_response() {
  now_ = Clock::now();
  attempt_.phase = Phase::done;
  attempt_.http_status = response_.http_status;
  const bool is_clean = buffer_.unread().empty() && !connection_->has_unread();
  if (response_.http_status == 408 && !keeps_alive_ && policy_.may_resend() && is_stale_reuse()) {
    // Said to the connection as it was closed, and not to a request that came in
    // that moment (RFC 9110 s15.5.9).
    return replace_stale("The server timed out the idle connection (HTTP 408).");
  }
  if (const auto& proxy = endpoint_.pool->route().proxy;
      response_.http_status == 407 && proxy && !endpoint_.pool->route().url.is_tls) {
    return fail_proxy(*proxy);
  }
  if (!is_clean) lease_.record_unsolicited(now_);
  // A stream's connection is outside the pool, and goes in if there is room.
  if (keeps_alive_ && is_clean && (!is_streaming_ || lease_.acquire())) {
    lease_.give_back(std::move(connection_), now_);
  } else {
    drop_connection();
  }
  if (!is_retryable_status(response_.http_status)) {
    RetryBudget::of_process().note_success();
    end_attempt({});
    if (!is_streaming_) return finish(std::move(response_));
    return finish(Response{response_.http_status, response_.headers, {}});
  }
  if (response_.http_status == 429) {
    if (const auto asked = asked_wait(429, response_.headers, wall_clock())) {
      endpoint_.gate->close_for(asked->wait, now_);
    }
  }
  LastAttempt last;
  last.http_status = response_.http_status;
  last.may_have_left = true;
  return retry_or_finish(last, std::move(response_));
}

Call::Next Call::fail_attempt(LastAttempt last, Error error) {
  now_ = Clock::now();
  drop_connection();
  attempt_.error = error.message();
  if (is_streaming_) {  // what has been handed over cannot be taken back
    end_attempt(std::move(attempt_.error));
    return finish(std::move(error));
  }
  return retry_or_finish(last, std::move(error));
}

void Call::refuse(Error error) {
  if (stage_ == Stage::done) {
    outcome_.emplace(std::move(error));
  } else {
    fail_attempt({}, std::move(error));
  }
}

Call::Next Call::retry_or_finish(const LastAttempt& last, Result<Response> outcome) {
  RetryQuestion question;
  question.last = last;
  question.retries = retries_;
  question.policy = policy_;
  question.time_left = duration_cast<microseconds>(deadline_ - now_);
  const std::vector<Header> none;
  const std::vector<Header>& headers = outcome ? outcome->headers : none;
  const RetryDecision decision = decide_within_budget(question, headers, now_, this);
  attempt_.wait = decision.wait;
  attempt_.wait_reason = decision.reason;
  end_attempt(std::move(attempt_.error));
  if (!decision.again) return finish(std::move(outcome));
  ++retries_;
  outcome_.emplace(std::move(outcome));
  go_on_at_ = now_ + decision.wait;
  attempt_ = Attempt{};
  stage_ = Stage::wait;
  return Next::go_on;
}

Call::Next Call::answer_by_gate() {
  // The caller cannot wait that long, and asking would only be refused again:
  // it gets what the server said to the one who asked.
  begin_attempt();
  attempt_.phase = Phase::wait;
  attempt_.http_status = 429;
  end_attempt(std::string(kGateRefusal));
  return finish(refused_by_gate(endpoint_.gate->opens() - now_));
}

void Call::end_attempt(SharedText error) {
  attempt_.error = std::move(error);
  attempt_.duration = duration_cast<microseconds>(now_ - attempt_started_);
  report_.attempts.push_back(std::move(attempt_));
  attempt_ = Attempt{};
}

void Call::drop_connection() {
  connection_.reset();
  dial_.reset();
  lease_.release();
}

Call::Next Call::finish(Result<Response>&& outcome) {
  outcome_.emplace(std::move(outcome));
  return finish();
}

Call::Next Call::finish() {
  report_.elapsed = since_start(now_);
  stage_ = Stage::done;
  return Next::go_on;
}

void Call::end(WakeReason why) {
  if (stage_ == Stage::done) return;
  now_ = Clock::now();
  if (stage_ == Stage::wait && why == WakeReason::deadline) {
    // The wait was to end before the deadline, and the thread woke up late. What
    // the last attempt came to says more than that there was no time for another.
    finish();
    return;
  }
  const Phase phase = stage_ == Stage::wait ? Phase::wait : attempt_.phase;
  drop_connection();
  const bool is_deadline = why == WakeReason::deadline;
  if (stage_ != Stage::wait) {
    end_attempt(is_deadline ? "the deadline passed" : "cancelled");
    report_.attempts.back().phase = phase;
  }
  if (is_deadline && is_streaming_) {
    finish(Error(ErrorKind::deadline_exceeded, phase,
                 "The stream was silent for longer than its idle timeout. The connection may be "
                 "dead."));
  } else {
    finish(ended_early(why, phase));
  }
}

microseconds Call::since_start(Clock::time_point now) const {
  return duration_cast<microseconds>(now - started_);
}

}  // namespace sessionvitals::engine

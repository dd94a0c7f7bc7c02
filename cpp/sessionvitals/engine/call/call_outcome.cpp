// How a call's tries end, and what comes of it: the second half of call.h.

#include <bit>

#include "sessionvitals/engine/call/call.h"

namespace sessionvitals::engine {
namespace {

using std::chrono::duration_cast;
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
std::string_view words_for(Phase phase) {
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
      return "it waited before the next try";
    case Phase::done:
      break;
  }
  return "it ended";
}

Timestamp wall_clock() {
  return std::chrono::time_point_cast<microseconds>(std::chrono::system_clock::now());
}

}  // namespace

void Call::begin_try() {
  try_ = Try{};
  try_started_ = now_;
  try_.started = since_start(now_);
}

bool Call::is_stale_reuse() const {
  return try_.reused && !has_replaced_stale_ && (policy_.may_resend() || try_.bytes_sent == 0);
}

Call::Next Call::replace_stale(std::string error) {
  try_.wait_reason = "a kept-alive connection had ended; tried once on a fresh one";
  now_ = Clock::now();
  end_try(std::move(error));
  connection_.reset();  // the lease stays
  has_replaced_stale_ = true;
  needs_fresh_ = true;
  begin_try();
  stage_ = Stage::queue;
  return Next::go_on;
}

Call::Next Call::lose_connection(std::string error) {
  const bool is_stale = is_stale_reuse() && try_.bytes_received == 0;
  LastTry last;
  last.phase = try_.phase;
  // With TLS, bytes may be on their way that the count does not show yet.
  last.may_have_left = try_.bytes_sent > 0 || connection_->tls() != nullptr;
  if (is_stale && (!last.may_have_left || policy_.may_resend())) {
    return replace_stale(std::move(error));
  }
  return fail_try(last, Error(ErrorKind::transport_error, try_.phase, std::move(error)));
}

Call::Next Call::fail_contract(const Flaw& flaw) {
  LastTry last;
  last.phase = Phase::receive;
  last.may_have_left = true;
  last.broke_contract = true;
  return fail_try(last, Error(Violation{"", flaw.expected, flaw.found}));
}

Call::Next Call::take_response() {
  now_ = Clock::now();
  try_.phase = Phase::done;
  try_.http_status = response_.http_status;
  const bool is_clean = buffer_.unread().empty() && !connection_->has_unread();
  if (response_.http_status == 408 && !keeps_alive_ && policy_.may_resend() && is_stale_reuse()) {
    // Said to the connection as it was closed, and not to a request that came in
    // that moment (RFC 9110 s15.5.9).
    return replace_stale("The server timed out the idle connection (HTTP 408).");
  }
  if (!is_clean) lease_.note_unasked(now_);
  if (keeps_alive_ && is_clean) {
    lease_.give_back(std::move(connection_), now_);
  } else {
    drop_connection();
  }
  if (!is_retryable_status(response_.http_status)) {
    RetryBudget::of_process().note_success();
    end_try({});
    if (!is_streaming_) return finish(std::move(response_));
    return finish(Response{response_.http_status, response_.headers, {}});
  }
  if (response_.http_status == 429) {
    if (const auto asked = asked_wait(429, response_.headers, wall_clock())) {
      endpoint_.gate->close_for(asked->wait, now_);
    }
  }
  LastTry last;
  last.http_status = response_.http_status;
  last.may_have_left = true;
  return retry_or_finish(last, std::move(response_));
}

Call::Next Call::fail_try(LastTry last, Error error) {
  now_ = Clock::now();
  drop_connection();
  try_.error = error.message();
  if (is_streaming_) {  // what has been handed over cannot be taken back
    end_try(std::move(try_.error));
    return finish(std::move(error));
  }
  return retry_or_finish(last, std::move(error));
}

void Call::refuse(Error error) {
  if (stage_ == Stage::done) {
    outcome_.emplace(std::move(error));
  } else {
    fail_try({}, std::move(error));
  }
}

Call::Next Call::retry_or_finish(const LastTry& last, Result<Response> outcome) {
  RetryQuestion question;
  question.last = last;
  question.retries = retries_;
  question.policy = policy_;
  question.time_left = duration_cast<microseconds>(deadline_ - now_);
  question.jitter = draw_jitter(now_, this);
  const std::vector<Header> none;
  const std::vector<Header>& headers = outcome ? outcome->headers : none;
  const Timestamp wall = wall_clock();
  RetryDecision decision = decide_retry(question, headers, wall);
  if (decision.again && !RetryBudget::of_process().take(now_)) {
    question.has_budget = false;
    decision = decide_retry(question, headers, wall);
  }
  try_.wait = decision.wait;
  try_.wait_reason = decision.reason;
  end_try(std::move(try_.error));
  if (!decision.again) return finish(std::move(outcome));
  ++retries_;
  outcome_.emplace(std::move(outcome));
  go_on_at_ = now_ + decision.wait;
  try_ = Try{};
  stage_ = Stage::wait;
  return Next::go_on;
}

Call::Next Call::answer_by_gate() {
  // The caller cannot wait that long, and asking would only be refused again:
  // it gets what the server said to the one who asked.
  begin_try();
  const auto left = std::chrono::ceil<std::chrono::seconds>(endpoint_.gate->opens() - now_);
  try_.phase = Phase::wait;
  try_.http_status = 429;
  end_try("not sent: an earlier 429 asked all calls to wait, longer than this call may");
  Response response;
  response.http_status = 429;
  response.headers.push_back({"Retry-After", std::to_string(left.count())});
  return finish(std::move(response));
}

void Call::end_try(std::string error) {
  try_.error = std::move(error);
  try_.duration = duration_cast<microseconds>(now_ - try_started_);
  report_.tries.push_back(std::move(try_));
  try_ = Try{};
}

void Call::drop_connection() {
  connection_.reset();
  dial_.reset();
  lease_.release();
}

Call::Next Call::finish(Result<Response> outcome) {
  outcome_.emplace(std::move(outcome));
  report_.elapsed = since_start(Clock::now());
  stage_ = Stage::done;
  return Next::go_on;
}

void Call::end(Woken why) {
  if (stage_ == Stage::done) return;
  now_ = Clock::now();
  if (stage_ == Stage::wait && why == Woken::deadline) {
    // The wait was to end before the deadline, and the thread woke up late. What
    // the last try came to says more than that there was no time for another.
    finish(*std::move(outcome_));
    return;
  }
  const Phase phase = stage_ == Stage::wait ? Phase::wait : try_.phase;
  drop_connection();
  const std::string words(words_for(phase));
  const bool is_deadline = why == Woken::deadline;
  std::string message =
      is_deadline && is_streaming_
          ? "The stream was silent for longer than its idle timeout. The connection may be dead."
      : is_deadline ? "The deadline passed while " + words +
                          ". Allow more time by deadline=, or check that the server answers."
                    : "The call was cancelled while " + words + ".";
  if (stage_ != Stage::wait) {
    end_try(is_deadline ? "the deadline passed" : "cancelled");
    report_.tries.back().phase = phase;
  }
  finish(Error(is_deadline ? ErrorKind::deadline_exceeded : ErrorKind::call_cancelled, phase,
               std::move(message)));
}

microseconds Call::since_start(Clock::time_point now) const {
  return duration_cast<microseconds>(now - started_);
}

}  // namespace sessionvitals::engine

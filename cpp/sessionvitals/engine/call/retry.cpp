#include "sessionvitals/engine/call/retry.h"

#include <algorithm>

#include "sessionvitals/rate_limit.h"

namespace sessionvitals::engine {
namespace {

using std::chrono::microseconds;

RetryDecision stop(std::string reason) { return {false, microseconds{0}, std::move(reason)}; }

/// Returns why the last attempt must stay the last, or nothing.
std::optional<std::string> reason_to_stop(const RetryQuestion& question) {
  const LastAttempt& last = question.last;
  if (last.phase == Phase::done) {
    if (!is_retryable_status(last.http_status)) {
      return "HTTP status " + std::to_string(last.http_status) + " is an answer";
    }
  } else if (last.broke_contract) {
    return "the peer does not speak HTTP as we do";
  } else if (last.is_final) {
    return "another attempt would end the same way";
  }
  // A 429 says that the request was not carried out, whatever its effect.
  const bool is_refused_unseen = last.phase == Phase::done && last.http_status == 429;
  const bool may_have_left = last.phase == Phase::done || last.may_have_left;
  if (may_have_left && !is_refused_unseen && !question.policy.may_resend()) {
    return "a call that may act twice is not sent again once a byte may have left";
  }
  if (question.retries >= question.policy.max_retries) {
    return "max_retries is " + std::to_string(question.policy.max_retries);
  }
  if (!question.has_budget) return "the process has spent its budget of retries";
  return std::nullopt;
}

/// From half of the step to the whole of it, so that many callers spread out.
microseconds backoff(int retries, double jitter) {
  microseconds step = kFirstBackoff;
  for (int i = 0; i < retries && step < kMaxBackoff; ++i) step *= 2;
  step = std::min<microseconds>(step, kMaxBackoff);
  return microseconds(
      static_cast<std::int64_t>(static_cast<double>(step.count()) * (0.5 + 0.5 * jitter)));
}

}  // namespace

bool is_retryable_status(int http_status) {
  return http_status == 429 || http_status == 500 || http_status == 502 || http_status == 503 ||
         http_status == 504;
}

std::optional<AskedWait> asked_wait(int http_status, const std::vector<Header>& headers,
                                    Timestamp now) {
  if (!is_retryable_status(http_status)) return std::nullopt;
  // The peer's dates are by its own clock, which its Date tells.
  now = read_date(headers).value_or(now);
  if (const std::string* value = find_header(headers, "Retry-After")) {
    if (const auto wait = parse_retry_after(*value, now)) {
      return AskedWait{std::min<microseconds>(*wait, kMaxWait), "Retry-After"};
    }
  }
  if (http_status != 429) return std::nullopt;
  if (const auto reset = read_rate_limit(headers, now).reset_after) {
    const bool is_theirs = find_header(headers, "X-RateLimit-Reset") != nullptr;
    const microseconds wait = *reset < kMaxWait ? *reset : kMaxWait;
    return AskedWait{wait, is_theirs ? "X-RateLimit-Reset" : "RateLimit-Reset"};
  }
  return std::nullopt;
}

RetryDecision decide_retry(const RetryQuestion& question, const std::vector<Header>& headers,
                           Timestamp now) {
  if (auto reason = reason_to_stop(question)) return stop(*std::move(reason));
  RetryDecision decision{true, backoff(question.retries, question.jitter), "backoff"};
  if (question.last.phase == Phase::done) {
    if (const auto asked = asked_wait(question.last.http_status, headers, now)) {
      decision.wait = asked->wait;
      decision.reason = std::string(asked->header);
    }
  }
  if (decision.wait + kShortestAttempt > question.time_left) {
    return stop(decision.reason + " would pass the deadline");
  }
  return decision;
}

RetryBudget& RetryBudget::of_process() {
  static RetryBudget budget;
  return budget;
}

namespace {
[[maybe_unused]] const RetryBudget& made_when_loaded = RetryBudget::of_process();  // see fork.h
}

bool RetryBudget::take(std::chrono::steady_clock::time_point now) {
  const std::int64_t today =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
  std::int64_t before = refilled_.load();
  if (today - before >= 100 && refilled_.compare_exchange_strong(before, today)) {
    const std::int64_t came_back = before == 0 ? 0 : (today - before) * 10;
    const std::int64_t had = thousandths_.load();
    thousandths_ += std::clamp<std::int64_t>(kMax * 1000 - had, 0, came_back);
  }
  if (thousandths_.fetch_sub(1000) >= 1000) return true;
  thousandths_ += 1000;
  return false;
}

void RetryBudget::note_success() {
  // A plain look first: a full budget costs a busy process no shared write.
  if (thousandths_.load(std::memory_order_relaxed) < kMax * 1000) thousandths_ += 100;
}

}  // namespace sessionvitals::engine

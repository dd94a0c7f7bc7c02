#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sessionvitals/effect.h"
#include "sessionvitals/http.h"
#include "sessionvitals/options.h"
#include "sessionvitals/report.h"
#include "sessionvitals/timestamp.h"

/// Whether to try again, and when. A pure function over what is known of the
/// attempts so far; tests/safety/retry_vectors.json holds its table of cases.
namespace sessionvitals::engine {

// No answer makes a call wait longer than this, whatever it asks for.
inline constexpr std::chrono::seconds kMaxWait{60};
// Before the first retry, at most (half of it at least); doubled for each one after it.
inline constexpr std::chrono::milliseconds kFirstBackoff{100};
inline constexpr std::chrono::seconds kMaxBackoff{5};
// An attempt that is left less than this after its wait is not worth the wait.
inline constexpr std::chrono::milliseconds kShortestAttempt{10};

/// How often, and what, may be sent again, and how long an answer may be.
struct CallPolicy {
  int max_retries = kDefaultMaxRetries;
  Effect effect = Effect::once;
  bool resend_unsafe = false;                  // treat an effect of once as idempotent
  std::size_t body_limit = kDefaultBodyLimit;  // in bytes; a longer body is a ContractError

  /// A request that may not be sent again takes no connection that has been idle for
  /// longer: servers and load balancers close those when they please, and a handshake
  /// costs less than not to know what became of the request.
  static constexpr std::chrono::seconds kMaxIdleForOnce{1};

  /// True if the request may be sent again after a byte of it may have left.
  bool may_resend() const { return effect != Effect::once || resend_unsafe; }
};

/// How the last attempt ended, as far as the decision needs it.
struct LastAttempt {
  Phase phase = Phase::done;    // done: a whole response came
  int http_status = 0;          // of that response
  bool may_have_left = false;   // a byte of the request may have reached the peer
  bool is_final = false;        // trying again would end the same way (a bad certificate)
  bool broke_contract = false;  // the answer was not HTTP, or past the bounds

  bool operator==(const LastAttempt&) const = default;
};

struct RetryQuestion {
  LastAttempt last;
  int retries = 0;  // made so far
  CallPolicy policy;
  std::chrono::microseconds time_left{};  // until the deadline
  double jitter = 0.5;                    // from 0 to below 1
  bool has_budget = true;                 // the process may retry at all
};

struct RetryDecision {
  bool again = false;
  std::chrono::microseconds wait{};
  std::string
      reason;  // of the wait ("Retry-After"), or of the stop ("HTTP status 404 is an answer")

  bool operator==(const RetryDecision&) const = default;
};

/// Decides. `headers` are those of the last response; `now` gives meaning to
/// the dates in them where they have no Date.
RetryDecision decide_retry(const RetryQuestion& question, const std::vector<Header>& headers,
                           Timestamp now);

/// Returns how long an answer asks its client to stay away, and by which header;
/// at most kMaxWait. Nothing if it does not say. Only a 429's limit headers
/// count, since other answers carry them too (elizaOS: all of them).
struct AskedWait {
  std::chrono::microseconds wait{};
  std::string_view header;
};
std::optional<AskedWait> asked_wait(int http_status, const std::vector<Header>& headers,
                                    Timestamp now);

/// Returns true for the statuses that another attempt may cure: 429, 500, 502, 503, 504.
bool is_retryable_status(int http_status);

/// What all calls of the process may spend on retries, so that a peer in trouble
/// is not buried under them: each retry takes one, each success gives back a
/// tenth, and one comes back every 100 ms. Safe to use from many threads.
class RetryBudget {
 public:
  static constexpr int kMax = 200;

  /// Returns the process's.
  static RetryBudget& of_process();

  /// Takes one, if there is one.
  bool take(std::chrono::steady_clock::time_point now);
  void note_success();

 private:
  std::atomic<std::int64_t> thousandths_{kMax * 1000};
  std::atomic<std::int64_t> refilled_{0};  // milliseconds of the clock
};

}  // namespace sessionvitals::engine

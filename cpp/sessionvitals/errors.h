#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sessionvitals/report.h"
#include "sessionvitals/result.h"
#include "sessionvitals/timestamp.h"

/// Everything that can go wrong, told apart by whose problem it is. An error is
/// a value; Python raises the class of the same name.
///
///     SessionVitalsError
///     |-- ConfigurationError           the caller's, before anything was sent
///     `-- CallError                    carries call(), the report of every attempt, and
///         |                            may_have_taken_effect()
///         |-- CallCancelled            the caller's own wish
///         |-- TransportError           the network's: no complete response (see phase)
///         |   `-- DeadlineExceeded     ... in the time allowed
///         |-- HttpStatusError          an error response (see error_response)
///         |   |-- BadRequestError 400  AuthenticationError 401  PermissionDeniedError 403
///         |   |-- NotFoundError 404    SessionExpiredError 410  RateLimitError 429
///         |   `-- ServerError 5xx
///         `-- ContractError            an answer that breaks the contract (see violation)
namespace sessionvitals {

enum class ErrorKind {
  configuration_error,
  call_cancelled,
  transport_error,
  deadline_exceeded,
  http_status_error,
  bad_request_error,
  authentication_error,
  permission_denied_error,
  not_found_error,
  session_expired_error,
  rate_limit_error,
  server_error,
  contract_error,
};

/// One kind of error: its class in the tree above, "RateLimitError" for one, and the
/// HTTP status that has a class of its own; 0 for none.
struct ErrorKindInfo {
  ErrorKind kind;
  std::string_view class_name;
  int http_status = 0;
};

/// Returns all kinds, in the order of the enum.
std::span<const ErrorKindInfo> error_kinds();

/// Returns the name of the class in the tree above.
std::string_view class_name(ErrorKind kind);

/// Returns the kind that stands for an error response of that HTTP status.
ErrorKind kind_of_http_status(int http_status);

/// A shorter secret is not looked for: it is in too many words, and what hiding it
/// leaves of them tells it.
inline constexpr std::size_t kShortestSecret = 4;

/// Replaces every occurrence of the secret by "[redacted]", and its beginning where
/// a quote that ends in "..." or with the text was cut within it.
void redact(std::string& text, std::string_view secret);

/// Does so in JSON, where any character of the secret may be escaped.
void redact_json(std::string& text, std::string_view secret);

/// What a server says of its limits, as far as it said it.
struct RateLimit {
  std::optional<std::int64_t> limit;                // requests a window
  std::optional<std::int64_t> remaining;            // in this window
  std::optional<std::chrono::seconds> reset_after;  // until the window ends

  bool operator==(const RateLimit&) const = default;
};

/// What a server said in an error response.
struct ErrorResponse {
  int http_status = 0;
  std::string code;          // the vendor's own, verbatim; empty if it sent none
  std::string message;       // the vendor's own; empty if it sent none
  std::string details_json;  // the vendor's own, as JSON text; empty if it sent none
  std::string body;          // as received, less any stack trace
  std::string request_id;    // empty if the server named none
  std::optional<std::chrono::milliseconds> retry_after;  // at least 0
  RateLimit rate_limit;
  std::optional<Timestamp> expires_at;  // of the session, where a 410 says it
  std::string hint;  // ours: what to check, where the answer looks like somebody else's

  bool operator==(const ErrorResponse&) const = default;
};

/// Where an answer breaks its contract.
struct Violation {
  std::string where;      // JSON Pointer to it; empty for the whole answer
  std::string expected;   // in words
  std::string found;      // in words; never the value of a member the contract does not name
  std::string hint = {};  // what else is to be known: the id of what was created, for one

  bool operator==(const Violation&) const = default;
};

/// One failure. Cheap to move; never holds a credential.
class Error {
 public:
  // Cold, as is the destructor: in the code of a call they are out of the way of one that succeeds.
  [[gnu::cold]] Error(ErrorKind kind, std::string message);
  // The kind follows from the HTTP status.
  [[gnu::cold]] Error(std::string message, ErrorResponse response);
  /// A response with that HTTP status that breaks the contract of the vendor, whose
  /// name must be of static storage; without one, a response that is not HTTP.
  [[gnu::cold]] explicit Error(Violation violation, std::string_view vendor = {},
                               int http_status = 0);
  [[gnu::cold]] Error(ErrorKind kind, Phase phase, std::string message);
  Error(const Error&) = default;
  Error(Error&&) = default;
  Error& operator=(const Error&) = default;
  Error& operator=(Error&&) = default;
  [[gnu::cold]] ~Error();

  ErrorKind kind() const { return kind_; }

  /// What happened and what to do about it, in one or two sentences.
  const std::string& message() const { return message_; }

  /// The phase the call died in, for a TransportError, DeadlineExceeded or
  /// CallCancelled; otherwise done.
  Phase phase() const { return phase_; }

  /// What the server said, for HttpStatusError and below; otherwise nullptr.
  const ErrorResponse* error_response() const { return error_response_.get(); }

  /// What the answer got wrong, for ContractError; otherwise nullptr.
  const Violation* violation() const { return violation_.get(); }

  /// The report of every attempt; nullptr for a ConfigurationError, and for what a
  /// pure parse returns.
  const std::shared_ptr<const CallReport>& call() const { return call_; }
  void set_call(std::shared_ptr<const CallReport> call) { call_ = std::move(call); }

  /// True if the call may have changed something at the vendor: its operation does,
  /// a byte of some attempt may have left, and that attempt was not answered with a 4xx (a 408
  /// is no such answer). False for a ConfigurationError. Repeating the call may then
  /// act twice.
  bool may_have_taken_effect() const { return may_have_taken_effect_; }
  void set_may_have_taken_effect(bool value) { may_have_taken_effect_ = value; }

  /// Replaces the secret by "[redacted]", in case a peer sent it back; in the
  /// vendor's own JSON with its characters escaped, too.
  void redact(std::string_view secret);

 private:
  ErrorKind kind_;
  Phase phase_ = Phase::done;
  bool may_have_taken_effect_ = false;
  std::string message_;
  std::shared_ptr<const ErrorResponse> error_response_;
  std::shared_ptr<const Violation> violation_;
  std::string_view vendor_;  // of the violation
  int http_status_ = 0;      // of the violation
  std::shared_ptr<const CallReport> call_;
};

}  // namespace sessionvitals

#include "sessionpulse/errors.h"

#include <array>
#include <utility>

namespace sessionpulse {

namespace {

std::string breach_message(const Breach& breach) {
  const std::string where = breach.member.empty() ? "The answer" : "The answer's " + breach.member;
  return where + " breaks the contract: expected " + breach.expected + ", found " + breach.found +
         ". Check that the base URL is the vendor's; if it is, its interface has changed.";
}

}  // namespace

void redact(std::string& text, std::string_view secret) {
  if (secret.empty()) return;
  constexpr std::string_view kInstead = "[redacted]";
  for (auto at = text.find(secret); at != std::string::npos;
       at = text.find(secret, at + kInstead.size())) {
    text.replace(at, secret.size(), kInstead);
  }
}

std::string_view class_name(ErrorKind kind) {
  constexpr std::array<std::string_view, 13> kNames = {
      "ConfigurationError", "CallCancelled",       "TransportError",      "DeadlineExceeded",
      "HttpStatusError",    "BadRequestError",     "AuthenticationError", "PermissionDeniedError",
      "NotFoundError",      "SessionExpiredError", "RateLimitError",      "ServerError",
      "ContractError"};
  return kNames[static_cast<std::size_t>(kind)];
}

ErrorKind kind_of_http_status(int http_status) {
  switch (http_status) {
    case 400:
      return ErrorKind::bad_request_error;
    case 401:
      return ErrorKind::authentication_error;
    case 403:
      return ErrorKind::permission_denied_error;
    case 404:
      return ErrorKind::not_found_error;
    case 410:
      return ErrorKind::session_expired_error;
    case 429:
      return ErrorKind::rate_limit_error;
    default:
      return http_status >= 500 && http_status < 600 ? ErrorKind::server_error
                                                     : ErrorKind::http_status_error;
  }
}

Error::Error(ErrorKind kind, std::string message) : kind_(kind), message_(std::move(message)) {}

Error::Error(std::string message, Refusal refusal)
    : kind_(kind_of_http_status(refusal.http_status)),
      message_(std::move(message)),
      refusal_(std::make_shared<const Refusal>(std::move(refusal))) {}

Error::Error(Breach breach)
    : kind_(ErrorKind::contract_error),
      message_(breach_message(breach)),
      breach_(std::make_shared<const Breach>(std::move(breach))) {}

Error::Error(ErrorKind kind, Phase phase, std::string message)
    : kind_(kind), phase_(phase), message_(std::move(message)) {}

void Error::redact(std::string_view secret) {
  if (secret.empty()) return;
  sessionpulse::redact(message_, secret);
  if (refusal_) {
    Refusal clean = *refusal_;
    for (std::string* text :
         {&clean.code, &clean.message, &clean.details_json, &clean.body, &clean.request_id}) {
      sessionpulse::redact(*text, secret);
    }
    refusal_ = std::make_shared<const Refusal>(std::move(clean));
  }
  if (breach_) {
    Breach clean = *breach_;
    for (std::string* text : {&clean.member, &clean.expected, &clean.found}) {
      sessionpulse::redact(*text, secret);
    }
    breach_ = std::make_shared<const Breach>(std::move(clean));
  }
}

}  // namespace sessionpulse

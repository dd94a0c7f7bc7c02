#include "sessionvitals/errors.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace sessionvitals {

namespace {

std::string violation_message(const Violation& violation, std::string_view vendor,
                              int http_status) {
  std::string response = "the response";
  if (http_status != 0) response += " (HTTP " + std::to_string(http_status) + ")";
  std::string message = vendor.empty() ? "" : std::string(vendor) + ": ";
  if (violation.where.empty()) {
    message += response + " is not what was expected: expected " + violation.expected + ", found " +
               violation.found;
  } else {
    const std::string member = '"' + violation.where.substr(1) + '"';
    if (violation.found == "nothing") {
      message += response + " has no " + member + " (required)";
    } else {
      message += member + " of " + response + " must be " + violation.expected + ", but is " +
                 violation.found;
    }
  }
  message += ". Check base_url; if it is right, the API may have changed.";
  if (!violation.hint.empty()) message += " " + violation.hint;
  return message;
}

constexpr std::string_view kInstead = "[redacted]";

// Replaces every occurrence; in one pass, since a peer may send a body of nothing else.
void redact_whole(std::string& text, std::string_view secret) {
  std::size_t at = text.find(secret);
  if (at == std::string::npos) return;
  std::string clean;
  std::size_t from = 0;
  for (; at != std::string::npos; at = text.find(secret, from)) {
    clean.append(text, from, at - from).append(kInstead);
    from = at + secret.size();
  }
  clean.append(text, from);
  text = std::move(clean);
}

// A quote of ours may end within the secret: before a "...", or with the text.
// Replaces what there is of it.
void redact_cut(std::string& text, std::string_view secret) {
  constexpr std::string_view kCut = "...";
  for (std::size_t end = text.find(kCut);; end = text.find(kCut, end + 1)) {
    const std::size_t cut = std::min(end, text.size());
    for (std::size_t kept = std::min(cut, secret.size() - 1); kept >= kShortestSecret; --kept) {
      if (text.compare(cut - kept, kept, secret, 0, kept) != 0) continue;
      text.replace(cut - kept, kept, kInstead);
      end = end == std::string::npos ? end : cut - kept + kInstead.size();
      break;
    }
    if (end == std::string::npos) return;
  }
}

// Returns the number of two hexadecimal digits; -1 for what is none.
int hex(std::string_view digits) {
  int number = -1;
  std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  return number;
}

// Returns how many characters of the text, from `at`, are the secret as JSON, a URL or a form may
// write it: with any character escaped, by a backslash or by its number. 0 if they are not.
std::size_t length_escaped(std::string_view text, std::size_t at, std::string_view secret) {
  const std::size_t begin = at;
  for (const char c : secret) {
    const std::string_view rest = text.substr(at);
    if (rest.size() > 1 && rest[0] == '\\' && rest[1] == c) {
      at += 2;
    } else if (rest.starts_with("\\u00") && rest.size() >= 6 &&
               hex(rest.substr(4, 2)) == static_cast<unsigned char>(c)) {
      at += 6;
    } else if (rest.size() > 2 && rest[0] == '%' &&
               hex(rest.substr(1, 2)) == static_cast<unsigned char>(c)) {
      at += 3;
    } else if (rest.starts_with(c) || (c == ' ' && rest.starts_with('+'))) {
      at += 1;
    } else {
      return 0;
    }
  }
  return at - begin;
}

void redact_escaped(std::string& text, std::string_view secret) {
  redact_whole(text, secret);
  if (text.find_first_of("\\%+") == std::string::npos) return;
  std::string clean;
  std::size_t from = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = length_escaped(text, at, secret);
    if (length == 0) {
      ++at;
      continue;
    }
    clean.append(text, from, at - from).append(kInstead);
    from = at += length;
  }
  if (from == 0) return;
  clean.append(text, from);
  text = std::move(clean);
}

constexpr std::array kKinds = {
    ErrorKindInfo{ErrorKind::configuration_error, "ConfigurationError"},
    ErrorKindInfo{ErrorKind::call_cancelled, "CallCancelled"},
    ErrorKindInfo{ErrorKind::transport_error, "TransportError"},
    ErrorKindInfo{ErrorKind::deadline_exceeded, "DeadlineExceeded"},
    ErrorKindInfo{ErrorKind::http_status_error, "HttpStatusError"},
    ErrorKindInfo{ErrorKind::bad_request_error, "BadRequestError", 400},
    ErrorKindInfo{ErrorKind::authentication_error, "AuthenticationError", 401},
    ErrorKindInfo{ErrorKind::permission_denied_error, "PermissionDeniedError", 403},
    ErrorKindInfo{ErrorKind::not_found_error, "NotFoundError", 404},
    ErrorKindInfo{ErrorKind::session_expired_error, "SessionExpiredError", 410},
    ErrorKindInfo{ErrorKind::rate_limit_error, "RateLimitError", 429},
    ErrorKindInfo{ErrorKind::server_error, "ServerError"},
    ErrorKindInfo{ErrorKind::contract_error, "ContractError"},
};

constexpr bool is_in_the_order_of_the_enum() {
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    if (static_cast<std::size_t>(kKinds[i].kind) != i) return false;
  }
  return true;
}
static_assert(is_in_the_order_of_the_enum());

}  // namespace

void redact(std::string& text, std::string_view secret) {
  if (secret.size() < kShortestSecret) return;
  redact_escaped(text, secret);
  redact_cut(text, secret);
}

void redact_json(std::string& text, std::string_view secret) {
  if (secret.size() >= kShortestSecret) redact_escaped(text, secret);
}

std::span<const ErrorKindInfo> error_kinds() { return kKinds; }

std::string_view class_name(ErrorKind kind) {
  return kKinds[static_cast<std::size_t>(kind)].class_name;
}

ErrorKind kind_of_http_status(int http_status) {
  if (http_status >= 500 && http_status < 600) return ErrorKind::server_error;
  const auto* found = std::ranges::find(kKinds, http_status, &ErrorKindInfo::http_status);
  return found == kKinds.end() ? ErrorKind::http_status_error : found->kind;
}

Error::Error(ErrorKind kind, std::string message) : kind_(kind), message_(std::move(message)) {}

Error::Error(std::string message, ErrorResponse response)
    : kind_(kind_of_http_status(response.http_status)),
      message_(std::move(message)),
      error_response_(std::make_shared<const ErrorResponse>(std::move(response))) {}

Error::Error(Violation violation, std::string_view vendor, int http_status)
    : kind_(ErrorKind::contract_error),
      message_(violation_message(violation, vendor, http_status)),
      violation_(std::make_shared<const Violation>(std::move(violation))),
      vendor_(vendor),
      http_status_(http_status) {}

Error::Error(ErrorKind kind, Phase phase, std::string message)
    : kind_(kind), phase_(phase), message_(std::move(message)) {}

Error::~Error() = default;

void Error::redact(std::string_view secret) {
  if (secret.size() < kShortestSecret) return;
  sessionvitals::redact(message_, secret);
  if (error_response_) {
    ErrorResponse clean = *error_response_;
    for (std::string* text :
         {&clean.code, &clean.message, &clean.request_id, &clean.details_json, &clean.body}) {
      redact_escaped(*text, secret);
    }
    error_response_ = std::make_shared<const ErrorResponse>(std::move(clean));
  }
  if (violation_) {
    Violation clean = *violation_;
    for (std::string* text : {&clean.where, &clean.expected, &clean.found, &clean.hint}) {
      sessionvitals::redact(*text, secret);
    }
    message_ = violation_message(clean, vendor_,
                                 http_status_);  // in which a quote's end is not to be seen
    violation_ = std::make_shared<const Violation>(std::move(clean));
  }
}

}  // namespace sessionvitals

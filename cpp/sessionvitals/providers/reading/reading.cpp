#include "sessionvitals/providers/reading/reading.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sessionvitals/rate_limit.h"
#include "sessionvitals/values/request_id.h"
#include "sessionvitals/values/utf8.h"

namespace sessionvitals::providers {

namespace {

constexpr std::size_t kMaxRequestBody = std::size_t{1024} * 1024;

Error configuration_error(std::string message) {
  return {ErrorKind::configuration_error, std::move(message)};
}

// Not for ever.
std::string quote(std::string_view text) { return excerpt_of(text, 300); }

bool is_redirect(int http_status) {
  return http_status == 301 || http_status == 302 || http_status == 303 || http_status == 307 ||
         http_status == 308;
}

std::string redirect_remedy(const Response& response) {
  const std::string* location = find_header(response.headers, "Location");
  std::string remedy = "Redirects are never followed, so that no credential leaves for elsewhere";
  if (location != nullptr) {
    remedy += " (this one points to " + quote(location->substr(0, location->find('?'))) + ")";
  }
  return remedy + ": set base_url to the vendor's address.";
}

std::string describe(std::chrono::milliseconds wait) {
  if (wait.count() % 1000 == 0) return std::to_string(wait.count() / 1000) + " s";
  return std::to_string(wait.count()) + " ms";
}

std::string rate_limit_remedy(const ErrorResponse& response) {
  std::string remedy = "Ask less often.";
  if (response.retry_after && response.retry_after->count() > 0) {
    remedy += " Wait " + describe(*response.retry_after) + " first.";
  }
  const RateLimit& limit = response.rate_limit;
  if (limit.limit) remedy += " The limit is " + std::to_string(*limit.limit) + " requests";
  if (limit.limit && limit.reset_after) {
    remedy += "; it starts anew in " + describe(*limit.reset_after);
  }
  return remedy + (limit.limit ? "." : "");
}

// Of what a vendor refuses so, it says why: what says nothing is another's, and of no session.
bool is_of_another(int http_status, const ErrorBody& body) {
  const bool is_explained = http_status == 400 || http_status == 404 || http_status == 410;
  const bool says_why = !body.code.empty() || !body.message.empty();
  return is_explained && !body.is_vendors.value_or(says_why);
}

std::string remedy(const Provider& provider, const Response& response,
                   const ErrorResponse& error_response, Subject subject) {
  const bool is_of_session = subject == Subject::session;
  const std::string variable(provider.credential_variable);
  const std::string name(provider.credential_name);
  switch (response.http_status) {
    case 400:
      return is_of_session ? "Check the session id." : "Check the arguments of the call.";
    case 401:
      return "Check " + name + " (or " + variable + ") and that it belongs to this environment.";
    case 403:
      return "Ask the vendor to allow this key the call, and check the base URL.";
    case 404:
      if (!is_of_session) return "Check what was asked for, and the base URL.";
      return "The session is not there; if it should be, check the session id and the base URL.";
    case 410:
      return "The session has expired: start a new one.";
    case 429:
      return rate_limit_remedy(error_response);
    default:
      break;
  }
  if (is_redirect(response.http_status)) return redirect_remedy(response);
  if (response.http_status == 501) return "The server has no such operation: check the base URL.";
  if (response.http_status >= 500) return "The fault is the server's: try again later.";
  const std::string unknown = "The contract knows no such answer: check the base URL.";
  return is_of_session ? unknown + " Nothing is known of the session." : unknown;
}

std::string error_response_message(const Provider& provider, const Response& response,
                                   const ErrorResponse& what, Subject subject) {
  std::string message =
      std::string(provider.name) + " answered HTTP " + std::to_string(response.http_status);
  if (!what.code.empty()) message += " (" + quote(what.code) + ")";
  if (!what.message.empty()) message += ": " + quote(what.message);
  message += message.ends_with('.') ? " " : ". ";
  message += remedy(provider, response, what, subject);
  if (!what.hint.empty()) message += " " + what.hint;
  return message;
}

}  // namespace

std::optional<Error> check_id(std::string_view id, std::string_view name) {
  const auto wrong = [&](const std::string& problem) {
    return configuration_error("The " + std::string(name) + problem);
  };
  if (id.empty()) return wrong(" is empty: pass the id that the vendor gave.");
  if (id == "." || id == "..") {
    return wrong(
        " '" + std::string(id) +
        "' is a dot segment, which would ask another endpoint: pass the id that the vendor "
        "gave.");
  }
  if (std::ranges::any_of(id, is_control)) {
    return wrong(" has a control character (a line break, perhaps): pass the id alone.");
  }
  return std::nullopt;
}

std::optional<Error> check_session_id(std::string_view session_id) {
  return check_id(session_id, "session id");
}

std::optional<Error> check_key(const Provider& provider, std::string_view key) {
  const auto source = [&] {
    return std::string(provider.credential_name) + " (or " +
           std::string(provider.credential_variable) + ")";
  };
  if (key.empty()) {
    return configuration_error(source() + " is empty: set it to the key that " +
                               std::string(provider.name) + " gave you.");
  }
  const auto is_printable = [](char character) { return character >= ' ' && character <= '~'; };
  if (!std::ranges::all_of(key, is_printable)) {
    return configuration_error(source() +
                               " has a line break, a control or a non-ASCII character, "
                               "which no header can carry: set it to the key alone.");
  }
  if (key.front() == ' ' || key.back() == ' ') {
    return configuration_error(source() + " begins or ends with a space: set it to the key alone.");
  }
  return std::nullopt;
}

Result<std::string_view> choose_style(const Provider& provider, std::string_view style) {
  if (style.empty()) return provider.credential_styles.front();
  const auto found = std::ranges::find(provider.credential_styles, style);
  if (found != provider.credential_styles.end()) return *found;
  std::string message = std::string(provider.name) + " knows no way '" + quote(style) +
                        "' to send its credential; there are:";
  for (const std::string_view known : provider.credential_styles) message.append(" ").append(known);
  return configuration_error(message + ".");
}

SessionState map_state(const Provider& provider, std::string_view theirs) {
  const auto found = std::ranges::find(provider.state_map, theirs, &StateMapping::theirs);
  return found == provider.state_map.end() ? SessionState::unknown : found->ours;
}

Header& add_header(Request& request, std::string_view name, std::string_view value) {
  Header& added = request.headers.emplace_back();  // in its place: short texts cost more to move
  added.name = name;
  added.value = value;
  return added;
}

std::optional<Error> add_json_text(Request& request, std::string body) {
  if (body.size() > kMaxRequestBody) {
    return configuration_error("The request's body would have " + std::to_string(body.size()) +
                               " bytes; at most " + std::to_string(kMaxRequestBody) +
                               " are sent: pass less.");
  }
  add_header(request, "Content-Type", "application/json");
  add_header(request, "Content-Length", std::to_string(body.size()));
  request.body = std::move(body);
  return std::nullopt;
}

void write_path(std::string& target, std::string_view before, std::string_view id,
                std::string_view after) {
  target.reserve(before.size() + id.size() + after.size());  // most ids need no encoding
  target = before;
  append_percent_encoded(target, id);
  target += after;
}

void add_query(Request& request, std::string_view name, const std::optional<std::string>& value) {
  if (!value) return;
  request.target += request.target.find('?') == std::string::npos ? '?' : '&';
  request.target.append(name).append("=").append(percent_encode(*value));
}

void add_query(Request& request, std::string_view name, std::optional<std::int64_t> value) {
  if (value) add_query(request, name, std::optional(std::to_string(*value)));
}

std::string hint_of_another(const Provider& provider) {
  return "It came without the error that " + std::string(provider.name) +
         " sends: check the base URL, and what stands between.";
}

Error http_status_error(const Provider& provider, const Response& response, ErrorBody body,
                        Subject subject) {
  // The server's own clock decides what its dates mean.
  const auto now = read_date(response.headers);
  std::string request_id = std::string(read_request_id(response.headers));
  const bool is_foreign = is_of_another(response.http_status, body);
  ErrorResponse what;
  what.http_status = response.http_status;
  what.code = std::move(body.code);
  what.message = std::move(body.message);
  what.details_json = std::move(body.details_json);
  what.body = response.body;
  what.request_id = request_id.empty() ? std::move(body.request_id) : std::move(request_id);
  if (const std::string* value = find_header(response.headers, "Retry-After")) {
    what.retry_after = parse_retry_after(*value, now);
  }
  what.rate_limit = read_rate_limit(response.headers, now);
  what.expires_at = body.expires_at;
  what.hint = is_foreign ? hint_of_another(provider) : std::move(body.hint);
  std::string message = error_response_message(provider, response, what, subject);
  return {std::move(message), std::move(what)};
}

Error unreadable(const Provider& provider, const Response& response, Violation violation) {
  const std::string* encoding = find_header(response.headers, "Content-Encoding");
  if (violation.expected == "JSON" && encoding != nullptr) {
    violation.found = "a body with the Content-Encoding \"" + quote(*encoding) +
                      "\", which was not asked for (a proxy, perhaps)";
  }
  return Error(std::move(violation), provider.name, response.http_status);
}

Result<Session> gone_session(const Provider& provider, std::string_view session_id, Error error) {
  const bool is_expired = error.kind() == ErrorKind::session_expired_error;
  if (!is_expired && error.kind() != ErrorKind::not_found_error) return error;
  const ErrorResponse& response = *error.error_response();
  Session session;
  session.provider = provider.name;
  session.id = session_id;
  session.state = is_expired ? SessionState::expired : SessionState::not_found;
  session.provider_state = response.code;
  session.expires_at = response.expires_at;
  session.hint = response.hint;
  return session;
}

}  // namespace sessionvitals::providers

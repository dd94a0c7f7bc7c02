// elizaOS: messaging sessions expire, and say when.
//
//     GET /api/messaging/sessions/{sessionId}
//     X-API-KEY: {key}   (only where the server has a token)
//
//     200 {"sessionId": "...", "agentId": "...", "channelId": "...", "userId": "...",
//          "createdAt": "2026-01-01T00:00:00.000Z", "lastActivity": "...", "metadata": {},
//          "timeoutConfig": {"timeoutMinutes": 30, "autoRenew": true,
//                            "maxDurationMinutes": 720, "warningThresholdMinutes": 5},
//          "renewalCount": 0, "expiresAt": "...", "timeRemaining": 1800000,
//          "isNearExpiration": false}
//     404, 410 {"error": "...", "code": "SESSION_NOT_FOUND", "details": {...}}   as documented
//              {"error": {"code": "...", "message": "...", "stack": "..."}}      as real
//
// Contract: mocks/contracts/eliza.json, which cites the sources and has the
// other shapes of an error.

#include "sessionvitals/providers/eliza.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sessionvitals/providers/eliza_calls/common.h"
#include "sessionvitals/providers/reading/json.h"
#include "sessionvitals/providers/reading/reading.h"
#include "sessionvitals/rate_limit.h"

namespace sessionvitals {

namespace {

using providers::JsonType;
using providers::JsonValue;

constexpr std::array<std::string_view, 1> kHeaderNames = {"X-API-KEY"};

struct ElizaErrorBody {
  providers::ErrorBody common;
  std::string error_text;                // where `error` is a string
  std::vector<std::string_view> stacks;  // where they stand in the body
};

void read_details(void* target, std::string_view name, const JsonValue& value) {
  auto& body = *static_cast<ElizaErrorBody*>(target);
  if (name == "expiresAt" && value.type == JsonType::string) {
    body.common.expires_at = parse_timestamp(value.string);
  }
}

void read_error_member(void* target, std::string_view name, const JsonValue& value) {
  auto& body = *static_cast<ElizaErrorBody*>(target);
  // A number for a code only repeats the HTTP status.
  if (name == "code") value.read(body.common.code);
  if (name == "message") value.read(body.common.message);
  if (name == "stack") body.stacks.push_back(value.json);
  if (name == "details" && value.type != JsonType::null) {
    if (value.json.find("\"stack\"") == std::string_view::npos) {
      body.common.details_json = value.json;
    }
    providers::visit_object(value.json, target, read_details);
  }
}

// `error` is a string in some forms and an object in others; what else there is
// stands beside it or in it.
void read_error_body(void* target, std::string_view name, const JsonValue& value) {
  auto& body = *static_cast<ElizaErrorBody*>(target);
  if (name != "error") return read_error_member(target, name, value);
  if (value.type == JsonType::string) body.error_text = value.string;
  if (value.type == JsonType::object) {
    providers::visit_object(value.json, target, read_error_member);
  }
}

// Returns where a stack trace begins that was not found by reading: the body is
// no JSON, or nests it deeper than the errors do.
std::size_t find_stack(const std::string& body) {
  constexpr std::string_view kName = "\"stack\"";
  for (std::size_t at = body.find(kName); at != std::string::npos; at = body.find(kName, at + 1)) {
    const std::size_t value = body.find_first_not_of(" \t\r\n:", at + kName.size());
    if (value == std::string::npos || body.compare(value, 4, "null") != 0) return at;
  }
  return std::string::npos;
}

// The real server sends its stack trace, which is nobody's business.
std::string without_stacks(const std::string& body, const std::vector<std::string_view>& stacks) {
  std::string shown;
  std::size_t from = 0;
  for (const std::string_view stack : stacks) {  // in the order of the body
    const auto at = static_cast<std::size_t>(stack.data() - body.data());
    shown.append(body, from, at - from).append("null");
    from = at + stack.size();
  }
  shown.append(body, from);
  shown.resize(std::min(shown.size(), find_stack(shown)));
  return shown;
}

// A server without a token needs no key.
std::optional<Error> check(const Credential& credential) {
  const auto header_name = providers::choose_style(providers::eliza, credential.style);
  if (!header_name) return header_name.error();
  if (credential.key.empty()) return std::nullopt;
  return providers::check_key(providers::eliza, credential.key);
}

std::optional<Error> retarget(std::string_view session_id, std::string_view rest,
                              Request& request) {
  if (auto error = providers::check_session_id(session_id)) return error;
  if (equals_ignoring_case(session_id, "health")) {  // its routes are, too (wire)
    return Error(ErrorKind::configuration_error,
                 "The session id 'health' is reserved: elizaOS has another endpoint there.");
  }
  providers::write_path(request.target, eliza_calls::kPathOfSession, session_id, rest);
  return std::nullopt;
}

std::optional<Error> retarget_get_session(const SessionId& session_id, Request& request) {
  return retarget(session_id.value, "", request);
}

}  // namespace

Error eliza_calls::refuse(const Response& response, providers::Subject subject) {
  ElizaErrorBody body;
  providers::visit_object(response.body, &body, read_error_body);
  // Servers up to 1.4.2 say only the text; a route that is not there has no code (form C).
  body.common.is_vendors = !body.common.code.empty() || !body.error_text.empty();
  if (body.common.message.empty()) body.common.message = std::move(body.error_text);
  Response shown = response;
  shown.body = without_stacks(response.body, body.stacks);
  return providers::http_status_error(providers::eliza, shown, std::move(body.common), subject);
}

Error eliza_calls::refuse_command(const Response& response) {
  const bool is_gone = response.http_status == 404 || response.http_status == 410;
  return refuse(response, is_gone ? providers::Subject::session : providers::Subject::other);
}

Result<Request> eliza_calls::request_of(std::string_view method, std::string target,
                                        const Credential& credential) {
  if (auto error = check(credential)) return *std::move(error);
  Request request;
  request.method = method;
  request.target = std::move(target);
  request.headers.reserve(providers::kUsualHeaders);
  providers::add_header(request, "Accept", "application/json");
  if (credential.key.empty()) return request;
  providers::add_header(request, kHeaderNames.front(), credential.key).is_secret = true;
  return request;
}

Result<Request> eliza_calls::request_of_session(std::string_view method,
                                                std::string_view session_id, std::string_view rest,
                                                const Credential& credential) {
  Request asked;
  if (auto error = retarget(session_id, rest, asked)) return *std::move(error);
  return request_of(method, std::move(asked.target), credential);
}

Result<ElizaSession> eliza_calls::parse_session(std::string_view session_id,
                                                const Response& response) {
  if (response.http_status != 200) return refuse(response, providers::Subject::session);
  ElizaSession session;
  if (auto error = providers::read_answer(providers::eliza, response, session)) {
    return *std::move(error);
  }
  if (session.session_id == session_id) return session;
  return Error(Violation{"/sessionId", "the id that was asked for", "another id"},
               providers::eliza.name, response.http_status);
}

namespace {

// By the server's own members and clock, never by ours. Servers up to 1.4.2 have
// no expiry at all.
SessionState state_of(const ElizaSession& session, const Response& response) {
  if (session.time_remaining) {
    return session.time_remaining->count() > 0 ? SessionState::active : SessionState::expired;
  }
  if (!session.expires_at) return SessionState::active;
  const auto now = read_date(response.headers);
  if (!now) return SessionState::unknown;
  return *session.expires_at > *now ? SessionState::active : SessionState::expired;
}

void fill_in(Session& session) {
  const auto& answer = static_cast<const ElizaSession&>(*session.detail);
  session.expires_at = answer.expires_at;
  if (answer.time_remaining) {
    session.time_remaining = std::max(*answer.time_remaining, std::chrono::milliseconds(0));
  }
}

Session to_session(std::string id, ElizaSession answer, const Response& response) {
  Session session;
  session.provider = providers::eliza.name;
  session.id = std::move(id);
  session.state = state_of(answer, response);
  session.detail = std::make_shared<ElizaSession>(std::move(answer));
  fill_in(session);
  return session;
}

Result<Session> parse_probe(const SessionId& session_id, const Response& response) {
  auto answer = eliza::parse_get_session(session_id, response);
  if (!answer)
    return providers::gone_session(providers::eliza, session_id.value, std::move(answer).error());
  return to_session(session_id.value, *std::move(answer), response);
}

Result<Page<Session>> parse_list(const NoQuestion& question, const Response& response) {
  auto answer = eliza::parse_list_sessions(question, response);
  if (!answer) return std::move(answer).error();
  Page<Session> sessions;
  sessions.items.reserve(answer->size());
  for (ElizaSession& item : answer->items) {
    std::string id = item.session_id;
    sessions.items.push_back(to_session(std::move(id), std::move(item), response));
  }
  return sessions;
}

constexpr Operation<NoQuestion, Page<Session>> kList{
    "list_sessions", Effect::none, eliza::build_list_sessions, parse_list, eliza::kElizaListLimit};

}  // namespace

namespace eliza {

Result<Request> build_get_session(const SessionId& session_id, const Credential& credential) {
  return eliza_calls::request_of_session("GET", session_id.value, "", credential);
}

Result<ElizaSession> parse_get_session(const SessionId& session_id, const Response& response) {
  return eliza_calls::parse_session(session_id.value, response);
}

}  // namespace eliza

namespace providers {

constinit const Provider eliza = {
    .name = "eliza",
    .default_base_url = "http://localhost:3000",
    .sandbox_base_url = "",
    .base_url_variable = "ELIZA_BASE_URL",
    .credential_name = "api_key",
    .credential_variable = "ELIZA_API_KEY",
    .credential_required = false,
    .credential_styles = kHeaderNames,
    .state_map = {},
    .check = check,
    .probe = {.name = "probe",
              .effect = Effect::none,
              .build = sessionvitals::eliza::build_get_session,
              .parse = parse_probe,
              .retarget = retarget_get_session},
    .fill_in = fill_in,
    // It allows 1,000 requests in 15 minutes to all of one address.
    .looks = {.after_change = std::chrono::seconds(5), .rate = 1},
    .list = &kList,
};

}  // namespace providers

}  // namespace sessionvitals

// The life of a session: create, list, renew, keep alive, change its timeout, delete.
//
//     GET    /api/messaging/sessions/health
//            200 {"status": "healthy", "activeSessions": 3, "timestamp": "...",
//                 "expiringSoon": 0, "uptime": 12.5}
//     POST   /api/messaging/sessions  {"agentId": "...", "userId": "...", ...}
//            201 a session without lastActivity, renewalCount and what follows the clock
//     GET    /api/messaging/sessions
//            200 {"sessions": [...], "total": 2, "stats": {...}}
//     POST   /api/messaging/sessions/{sessionId}/renew, .../heartbeat      200 a session
//     PATCH  /api/messaging/sessions/{sessionId}/timeout  a whole config   200 a session
//     DELETE /api/messaging/sessions/{sessionId}
//            200 {"success": true, "message": "..."}

#include <array>
#include <utility>

#include "sessionvitals/providers/eliza_calls/common.h"
#include "sessionvitals/providers/eliza_calls/metadata.h"
#include "sessionvitals/values/utf8.h"

namespace sessionvitals {

namespace {

struct Deleted {
  bool success = false;
};

}  // namespace

template <>
constexpr auto providers::kMembers<Deleted> = std::array{
    required<&Deleted::success>("success"),
};

template <>
constexpr auto providers::kMembers<ElizaHealth> = std::array{
    required<&ElizaHealth::status>("status"),
    required<&ElizaHealth::active_sessions>("activeSessions"),
    required<&ElizaHealth::timestamp>("timestamp"),
    optional<&ElizaHealth::expiring_soon>("expiringSoon"),
    optional<&ElizaHealth::invalid_sessions>("invalidSessions"),
    optional<&ElizaHealth::uptime>("uptime"),
};

template <>
constexpr auto providers::kMembers<ElizaNewSession> = std::array{
    required<&ElizaNewSession::agent_id>("agentId"),
    required<&ElizaNewSession::user_id>("userId"),
    opaque<&ElizaNewSession::metadata>("metadata"),
    optional<&ElizaNewSession::timeout_config>("timeoutConfig"),
};

template <>
constexpr auto providers::kMembers<Page<ElizaSession>> = std::array{
    required<&Page<ElizaSession>::items>("sessions"),
};

namespace {

using eliza_calls::kSessions;
using eliza_calls::refuse;
using eliza_calls::request_of;
using eliza_calls::request_of_session;
using providers::Subject;

Error unusable(std::string message) { return {ErrorKind::configuration_error, std::move(message)}; }

std::optional<Error> check_auto_renew(const TimeoutConfig& config) {
  if (!config.auto_renew || config.auto_renew->json == "true" ||
      config.auto_renew->json == "false") {
    return std::nullopt;
  }
  return unusable("auto_renew of the timeout config is no boolean: pass true or false.");
}

// A member that is left out would return to the agent's default, not stay as it is.
std::optional<Error> check_whole(const TimeoutConfig& config) {
  std::string missing;
  const auto want = [&](bool is_there, const char* name) {
    if (!is_there) missing.append(missing.empty() ? "" : ", ").append(name);
  };
  want(config.timeout_minutes.has_value(), "timeout_minutes");
  want(config.auto_renew.has_value(), "auto_renew");
  want(config.max_duration_minutes.has_value(), "max_duration_minutes");
  want(config.warning_threshold_minutes.has_value(), "warning_threshold_minutes");
  if (missing.empty()) return check_auto_renew(config);
  return unusable("The timeout config lacks " + missing +
                  ": elizaOS replaces the whole config, so pass all four.");
}

// The session is there, and no later answer tells who asked for it which one it is.
Error name_created(Error error, const Response& response) {
  std::string session_id;
  providers::visit_object(
      response.body, &session_id,
      [](void* target, std::string_view name, const providers::JsonValue& value) {
        if (name == "sessionId") *static_cast<std::string*>(target) = value.string;
      });
  if (session_id.empty()) return error;
  Violation violation = *error.violation();
  violation.hint = "The session was created: its id is " + excerpt_of(session_id, 300) + ".";
  return Error(std::move(violation), providers::eliza.name, response.http_status);
}

}  // namespace

Result<TimeoutConfig> TimeoutConfig::of(const ElizaSession& session) {
  if (!session.timeout_config) {
    return unusable("The session has no timeout config: servers before 1.5 have none.");
  }
  if (auto error = check_whole(*session.timeout_config)) return *std::move(error);
  return *session.timeout_config;
}

namespace eliza {

Result<Request> build_check_health(const NoQuestion&, const Credential& credential) {
  return request_of("GET", std::string(kSessions) + "/health", credential);
}

Result<ElizaHealth> parse_check_health(const NoQuestion&, const Response& response) {
  if (response.http_status != 200) return refuse(response, Subject::other);
  ElizaHealth health;
  if (auto error = providers::read_answer(providers::eliza, response, health)) {
    return *std::move(error);
  }
  return health;
}

Result<Request> build_create_session(const ElizaNewSession& question,
                                     const Credential& credential) {
  if (question.agent_id.empty()) return unusable("The agent id is empty: pass the agent's UUID.");
  if (question.user_id.empty()) return unusable("The user id is empty: pass a UUID.");
  if (question.timeout_config) {
    if (auto error = check_auto_renew(*question.timeout_config)) return *std::move(error);
  }
  auto metadata = eliza_calls::with_key(question.metadata, question.create_key, "create_key");
  if (!metadata) return std::move(metadata).error();
  auto request = request_of("POST", std::string(kSessions), credential);
  if (!request) return request;
  ElizaNewSession body = question;
  body.metadata = *std::move(metadata);
  if (auto error = providers::add_json_body(*request, body)) return *std::move(error);
  return request;
}

Result<ElizaSession> parse_create_session(const ElizaNewSession&, const Response& response) {
  if (response.http_status != 201) return refuse(response, Subject::other);
  ElizaSession session;
  if (auto error = providers::read_answer(providers::eliza, response, session)) {
    return name_created(*std::move(error), response);
  }
  if (!session.session_id.empty()) return session;
  return Error(Violation{"/sessionId", "a string that is not empty", "an empty string"},
               providers::eliza.name, response.http_status);
}

Result<Request> build_list_sessions(const NoQuestion&, const Credential& credential) {
  return request_of("GET", std::string(kSessions), credential);
}

Result<Page<ElizaSession>> parse_list_sessions(const NoQuestion&, const Response& response) {
  if (response.http_status != 200) return refuse(response, Subject::other);
  Page<ElizaSession> sessions;
  if (auto error = providers::read_answer(providers::eliza, response, sessions, kElizaListLimit)) {
    return *std::move(error);
  }
  return sessions;
}

Result<Request> build_renew_session(const SessionId& session_id, const Credential& credential) {
  auto request = request_of_session("POST", session_id.value, "/renew", credential);
  if (request) providers::add_header(*request, "Content-Length", "0");
  return request;
}

Result<Request> build_send_heartbeat(const SessionId& session_id, const Credential& credential) {
  auto request = request_of_session("POST", session_id.value, "/heartbeat", credential);
  if (request) providers::add_header(*request, "Content-Length", "0");
  return request;
}

Result<Request> build_update_timeout(const ElizaNewTimeout& question,
                                     const Credential& credential) {
  if (auto error = check_whole(question.config)) return *std::move(error);
  auto request = request_of_session("PATCH", question.session_id, "/timeout", credential);
  if (!request) return request;
  if (auto error = providers::add_json_body(*request, question.config)) return *std::move(error);
  return request;
}

Result<ElizaSession> parse_update_timeout(const ElizaNewTimeout& question,
                                          const Response& response) {
  if (response.http_status != 200) return eliza_calls::refuse_command(response);
  return eliza_calls::parse_session(question.session_id, response);
}

Result<Request> build_delete_session(const SessionId& session_id, const Credential& credential) {
  return request_of_session("DELETE", session_id.value, "", credential);
}

Result<NoContent> parse_delete_session(const SessionId&, const Response& response) {
  if (response.http_status != 200) return refuse(response, Subject::session);
  Deleted deleted;
  if (auto error = providers::read_answer(providers::eliza, response, deleted)) {
    return *std::move(error);
  }
  if (deleted.success) return NoContent{};
  return Error(Violation{.where = "/success", .expected = "true", .found = "false"},
               providers::eliza.name, response.http_status);
}

}  // namespace eliza

}  // namespace sessionvitals

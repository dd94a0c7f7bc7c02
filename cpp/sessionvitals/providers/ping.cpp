// Ping Network: VPN sessions have a "status", and counters.
//
//     GET /sessions/{id}/status
//     Authorization: {key}   or   Authorization: Bearer {key}
//
//     200 {"client_id": "c-1", "status": "connected", "duration": 60,
//          "uploaded_bytes": 1024, "downloaded_bytes": 4096}
//     400, 401, 404, 500 {"error": {"code": "...", "message": "...", "details": {}}}
//
//     GET /zones
//     200 {"zones": [{"name": "...", "code": "...", "has_active_nodes": true}]}
//     POST /sessions
//     {"client_id": "c-1", "connection_type": "vless", "zone": "us-east", "reusable": true}
//     201 {"id": "s-1", "configuration": {}, "configuration_link": "vless://...", ...}
//     PATCH /sessions/{id}/pause, PATCH /sessions/{id}/resume
//     200 {"session_id": "s-1", "paused": true}
//
// The limits are in ping_limits.cpp.
//
// Contract: mocks/contracts/ping.json, which cites the sources.

#include "sessionvitals/providers/ping.h"

#include <array>
#include <utility>

#include "sessionvitals/providers/ping_events.h"
#include "sessionvitals/providers/ping_wire.h"
#include "sessionvitals/providers/reading/json.h"
#include "sessionvitals/providers/reading/reading.h"

namespace sessionvitals {

template <>
constexpr auto providers::kMembers<PingSessionStatus> = std::array{
    required<&PingSessionStatus::client_id>("client_id"),
    required<&PingSessionStatus::status>("status"),
    optional<&PingSessionStatus::duration>("duration"),
    optional<&PingSessionStatus::uploaded_bytes>("uploaded_bytes"),
    optional<&PingSessionStatus::downloaded_bytes>("downloaded_bytes"),
};

template <>
constexpr auto providers::kMembers<PingZone> = std::array{
    required<&PingZone::name>("name"),
    required<&PingZone::code>("code"),
    required<&PingZone::has_active_nodes>("has_active_nodes"),
};

template <>
constexpr auto providers::kMembers<Page<PingZone>> = std::array{
    required<&Page<PingZone>::items>("zones"),
};

template <>
constexpr auto providers::kMembers<PingNewSession> = std::array{
    required<&PingNewSession::client_id>("client_id"),
    required<&PingNewSession::connection_type>("connection_type"),
    required<&PingNewSession::zone>("zone"),
    optional<&PingNewSession::reusable>("reusable"),
};

// The document marks no member as required; without an id the session is lost, and no other call
// gives its credential.
template <>
constexpr auto providers::kMembers<PingSession> = std::array{
    required<&PingSession::id>("id"),
    optional<&PingSession::connection_type>("connection_type").lenient(),
    optional<&PingSession::zone>("zone").lenient(),
    opaque<&PingSession::configuration>("configuration").secret(),
    optional<&PingSession::configuration_link>("configuration_link").secret().lenient(),
    optional<&PingSession::reusable>("reusable").lenient(),
    optional<&PingSession::created_at>("created_at").lenient(),
};

template <>
constexpr auto providers::kMembers<PingPause> = std::array{
    required<&PingPause::session_id>("session_id"),
    required<&PingPause::paused>("paused"),
};

namespace {

using providers::JsonType;
using providers::JsonValue;

constexpr std::array<std::string_view, 2> kSchemes = {kPingRawScheme, kPingBearerScheme};

constexpr std::array<StateMapping, 3> kStateMap = {{
    {"created", SessionState::pending},
    {"connected", SessionState::active},
    {"disconnected", SessionState::ended},
}};

constexpr std::string_view kBearer = "Bearer ";

// The scheme's name is compared without case (RFC 9110 s11.1).
bool has_bearer_scheme(std::string_view key) {
  return equals_ignoring_case(key.substr(0, kBearer.size()), kBearer);
}

void read_error_member(void* target, std::string_view name, const JsonValue& value) {
  auto& body = *static_cast<providers::ErrorBody*>(target);
  if (name == "code") value.read(body.code);
  if (name == "message") value.read(body.message);
  if (name == "details" && value.type != JsonType::null) {
    body.details_json = value.json;
  }
}

void read_envelope(void* target, std::string_view name, const JsonValue& value) {
  if (name != "error" || value.type != JsonType::object) return;
  providers::visit_object(value.json, target, read_error_member);
}

// The credential of a tunnel, in an answer that is none.
void redact_configuration(void* target, std::string_view name, const JsonValue& value) {
  auto& error = *static_cast<Error*>(target);
  if (name == "configuration") error.redact(value.json);
  if (name == "configuration_link") {
    error.redact(value.json);
    error.redact(value.string);
  }
}

std::optional<Error> check(const Credential& credential) {
  if (auto error = providers::check_key(providers::ping, credential.key)) return error;
  const auto scheme = providers::choose_style(providers::ping, credential.style);
  if (!scheme) return scheme.error();
  return std::nullopt;
}

Error missing_argument(const std::string& name, const std::string& advice) {
  return {ErrorKind::configuration_error, name + " is empty: " + advice};
}

std::optional<Error> check(const PingNewSession& question) {
  if (question.client_id.empty()) {
    return missing_argument("client_id", "pass the one that you gave your client.");
  }
  if (question.zone.empty()) {
    return missing_argument("zone", "pass a zone's code, as list_zones() has it.");
  }
  if (question.connection_type == "vless") return std::nullopt;
  return Error(ErrorKind::configuration_error,
               "connection_type must be \"vless\": Ping documents no other.");
}

Result<Request> build_pause(const SessionId& session_id, std::string_view what,
                            const Credential& credential) {
  if (auto error = providers::check_session_id(session_id.value)) return *std::move(error);
  auto request = ping::request_of(
      "PATCH", "/sessions/" + percent_encode(session_id.value).append(what), credential);
  if (request) providers::add_header(*request, "Content-Length", "0");
  return request;
}

void fill_in(Session& session) {
  const auto& status = static_cast<const PingSessionStatus&>(*session.detail);
  session.provider_state = status.status;
  session.duration = status.duration;
  session.uploaded_bytes = status.uploaded_bytes;
  session.downloaded_bytes = status.downloaded_bytes;
}

std::optional<Error> read_session_status(const SessionId& session_id, const Response& response,
                                         PingSessionStatus& status) {
  if (response.http_status != 200) return ping::refuse(response, providers::Subject::session);
  status.session_id = session_id.value;
  return providers::read_answer(providers::ping, response, status);
}

Result<Session> parse_probe(const SessionId& session_id, const Response& response) {
  Result<Session> probed;
  auto status = std::make_shared<PingSessionStatus>();
  if (auto error = read_session_status(session_id, response, *status)) {
    probed = providers::gone_session(providers::ping, session_id.value, *std::move(error));
    return probed;
  }
  Session& session = *probed;
  session.provider = providers::ping.name;
  session.id = session_id.value;
  session.state = providers::map_state(providers::ping, status->status);
  session.detail = std::move(status);
  fill_in(session);
  return probed;
}

// Gives a request what those of all calls have.
std::optional<Error> complete(Request& request, std::string_view method,
                              const Credential& credential) {
  if (auto error = providers::check_key(providers::ping, credential.key)) return error;
  const auto scheme = providers::choose_style(providers::ping, credential.style);
  if (!scheme) return scheme.error();
  const bool needs_scheme = *scheme == kPingBearerScheme && !has_bearer_scheme(credential.key);
  request.method = method;
  request.headers.reserve(providers::kUsualHeaders);
  providers::add_header(request, "Accept", "application/json");
  Header& key = providers::add_header(request, "Authorization", needs_scheme ? kBearer : "");
  key.value += credential.key;
  key.is_secret = true;
  return std::nullopt;
}

std::optional<Error> retarget_session_status(const SessionId& session_id, Request& request) {
  if (auto error = providers::check_session_id(session_id.value)) return error;
  providers::write_path(request.target, "/sessions/", session_id.value, "/status");
  return std::nullopt;
}

}  // namespace

namespace ping {

Result<Request> request_of(std::string_view method, std::string target,
                           const Credential& credential) {
  Result<Request> request;
  request->target = std::move(target);
  if (auto error = complete(*request, method, credential)) request = *std::move(error);
  return request;
}

Error refuse(const Response& response, providers::Subject subject, std::string_view not_found) {
  providers::ErrorBody body;
  providers::visit_object(response.body, &body, read_envelope);
  if (response.http_status == 401) {
    body.hint =
        "The vendor's documents disagree on how the key is sent: if it is right, try "
        "authorization_scheme=\"bearer\".";
  }
  if (response.http_status == 404) body.hint = not_found;
  return providers::http_status_error(providers::ping, response, std::move(body), subject);
}

Result<Request> build_session_status(const SessionId& session_id, const Credential& credential) {
  Result<Request> request;
  auto error = retarget_session_status(session_id, *request);
  if (!error) error = complete(*request, "GET", credential);
  if (error) request = *std::move(error);
  return request;
}

Result<PingSessionStatus> parse_session_status(const SessionId& session_id,
                                               const Response& response) {
  Result<PingSessionStatus> status;
  if (auto error = read_session_status(session_id, response, *status)) status = *std::move(error);
  return status;
}

Result<Request> build_list_zones(const NoQuestion&, const Credential& credential) {
  return request_of("GET", "/zones", credential);
}

Result<Page<PingZone>> parse_list_zones(const NoQuestion&, const Response& response) {
  if (response.http_status != 200) return refuse(response, providers::Subject::other);
  Page<PingZone> zones;
  if (auto error = providers::read_answer(providers::ping, response, zones)) {
    return *std::move(error);
  }
  return zones;
}

Result<Request> build_create_session(const PingNewSession& question, const Credential& credential) {
  if (auto error = check(question)) return *std::move(error);
  auto request = request_of("POST", "/sessions", credential);
  if (!request) return request;
  if (auto error = providers::add_json_body(*request, question)) return *std::move(error);
  return request;
}

Result<PingSession> parse_create_session(const PingNewSession&, const Response& response) {
  if (response.http_status != 201) {
    Error error = refuse(response, providers::Subject::other, "Zone codes come from list_zones().");
    providers::visit_object(response.body, &error, redact_configuration);
    return error;
  }
  PingSession session;
  if (auto error = providers::read_answer(providers::ping, response, session)) {
    return *std::move(error);
  }
  if (!session.id.empty()) return session;
  return Error(Violation{"/id", "a string that is not empty", "an empty string"},
               providers::ping.name, response.http_status);
}

Result<Request> build_pause_session(const SessionId& session_id, const Credential& credential) {
  return build_pause(session_id, "/pause", credential);
}

Result<Request> build_resume_session(const SessionId& session_id, const Credential& credential) {
  return build_pause(session_id, "/resume", credential);
}

Result<PingPause> parse_pause(const SessionId& session_id, const Response& response) {
  if (response.http_status != 200) return refuse(response, providers::Subject::session);
  PingPause pause;
  if (auto error = providers::read_answer(providers::ping, response, pause)) {
    return *std::move(error);
  }
  if (pause.session_id == session_id.value) return pause;
  return Error(Violation{"/session_id", "the id that was asked for", "another id"},
               providers::ping.name, response.http_status);
}

}  // namespace ping

namespace providers {

constinit const Provider ping = {
    .name = "ping",
    .default_base_url = "https://api.pingnetwork.io/customer/v2",
    .sandbox_base_url = "",
    .base_url_variable = "PING_BASE_URL",
    .credential_name = "api_key",
    .credential_variable = "PING_API_KEY",
    .credential_required = true,
    .credential_styles = kSchemes,
    .state_map = kStateMap,
    .check = check,
    .probe = {.name = "probe",
              .effect = Effect::none,
              .build = sessionvitals::ping::build_session_status,
              .parse = parse_probe,
              .retarget = retarget_session_status},
    .fill_in = fill_in,
    .hints = &sessionvitals::ping::kHints,
};

}  // namespace providers

}  // namespace sessionvitals

// Ping Network: VPN sessions have a "status", and counters.
//
//     GET /sessions/{id}/status
//     Authorization: {key}   or   Authorization: Bearer {key}
//
//     200 {"client_id": "c-1", "status": "connected", "duration": 60,
//          "uploaded_bytes": 1024, "downloaded_bytes": 4096}
//     400, 401, 404, 500 {"error": {"code": "...", "message": "...", "details": {}}}
//
// Contract: mocks/contracts/ping.json, which cites the sources.

#include "sessionvitals/providers/ping.h"

#include <array>
#include <utility>

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

namespace {

using providers::JsonType;
using providers::JsonValue;

constexpr std::array<std::string_view, 2> kSchemes = {kPingRawScheme, kPingBearerScheme};

constexpr std::array<Word, 3> kWords = {{
    {"created", SessionState::pending},
    {"connected", SessionState::active},
    {"disconnected", SessionState::ended},
}};

// The scheme's name is compared without case (RFC 9110 s11.1).
bool has_bearer_scheme(std::string_view key) {
  constexpr std::string_view kBearer = "Bearer ";
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

Error refuse(const Response& response) {
  providers::ErrorBody body;
  providers::visit_object(response.body, &body, read_envelope);
  if (response.http_status == 401) {
    body.hint =
        "The vendor's documents disagree on how the key is sent: if it is right, try "
        "authorization_scheme=\"bearer\".";
  }
  if (response.http_status == 404 && body.code.empty() && body.message.empty()) {
    body.hint = "It came without the error that Ping sends: check the base URL.";
  }
  return providers::http_status_error(providers::ping, response, std::move(body));
}

std::optional<Error> check(const Credential& credential) {
  if (auto error = providers::check_key(providers::ping, credential.key)) return error;
  const auto scheme = providers::choose_style(providers::ping, credential.style);
  if (!scheme) return scheme.error();
  return std::nullopt;
}

Session to_session(PingSessionStatus status) {
  Session session;
  session.provider = providers::ping.name;
  session.id = status.session_id;
  session.state = providers::meaning(providers::ping, status.status);
  session.provider_state = status.status;
  session.duration = status.duration;
  session.uploaded_bytes = status.uploaded_bytes;
  session.downloaded_bytes = status.downloaded_bytes;
  session.detail = std::make_shared<PingSessionStatus>(std::move(status));
  return session;
}

Result<Session> parse_probe(const SessionId& session_id, const Response& response) {
  auto status = ping::parse_session_status(session_id, response);
  if (status) return to_session(*std::move(status));
  return providers::gone_session(providers::ping, session_id.value, std::move(status).error());
}

}  // namespace

namespace ping {

Result<Request> build_session_status(const SessionId& session_id, const Credential& credential) {
  if (auto error = providers::check_session_id(session_id.value)) return *std::move(error);
  if (auto error = providers::check_key(providers::ping, credential.key)) return *std::move(error);
  const auto scheme = providers::choose_style(providers::ping, credential.style);
  if (!scheme) return scheme.error();
  const bool needs_scheme = *scheme == kPingBearerScheme && !has_bearer_scheme(credential.key);
  return Request{
      .method = "GET",
      .target = "/sessions/" + percent_encode(session_id.value) + "/status",
      .headers = {{"Accept", "application/json"},
                  {"Authorization", (needs_scheme ? "Bearer " : "") + credential.key,
                   /*is_secret=*/true}},
      .body = "",
  };
}

Result<PingSessionStatus> parse_session_status(const SessionId& session_id,
                                               const Response& response) {
  if (response.http_status != 200) return refuse(response);
  PingSessionStatus status;
  if (auto error = providers::read_answer(providers::ping, response, status))
    return *std::move(error);
  status.session_id = session_id.value;
  return status;
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
    .vocabulary = kWords,
    .check = check,
    .probe = {"probe", Effect::none, sessionvitals::ping::build_session_status, parse_probe},
};

}  // namespace providers

}  // namespace sessionvitals

// Maple: a tree has "sap".
//
//     GET /trees/{id}
//     X-Maple-Key: {key}
//
//     200 {"sap": "running"}

#include "sessionvitals/providers/maple.h"

#include <array>
#include <utility>

#include "sessionvitals/providers/reading/json.h"
#include "sessionvitals/providers/reading/reading.h"

namespace sessionvitals {

template <>
constexpr auto providers::kMembers<MapleSap> = std::array{
    required<&MapleSap::sap>("sap"),
};

namespace {

constexpr std::array<std::string_view, 1> kStyles = {"X-Maple-Key"};

constexpr std::array<StateMapping, 2> kStateMap = {{
    {"frozen", SessionState::pending},
    {"running", SessionState::active},
}};

std::optional<Error> check(const Credential& credential) {
  return providers::check_key(providers::maple, credential.key);
}

Result<Session> parse_probe(const SessionId& session_id, const Response& response) {
  auto sap = maple::parse_sap(session_id, response);
  if (!sap)
    return providers::gone_session(providers::maple, session_id.value, std::move(sap).error());
  Session session;
  session.provider = providers::maple.name;
  session.id = session_id.value;
  session.state = providers::map_state(providers::maple, sap->sap);
  session.provider_state = sap->sap;
  session.detail = std::make_shared<MapleSap>(*std::move(sap));
  return session;
}

}  // namespace

namespace maple {

Result<Request> build_sap(const SessionId& session_id, const Credential& credential) {
  if (auto error = providers::check_session_id(session_id.value)) return *std::move(error);
  if (auto error = check(credential)) return *std::move(error);
  return Request{
      .method = "GET",
      .target = "/trees/" + percent_encode(session_id.value),
      .headers = {{"X-Maple-Key", credential.key, /*is_secret=*/true}},
      .body = "",
  };
}

Result<MapleSap> parse_sap(const SessionId& session_id, const Response& response) {
  if (response.http_status != 200)
    return providers::http_status_error(providers::maple, response, {});
  MapleSap sap;
  if (auto error = providers::read_answer(providers::maple, response, sap))
    return *std::move(error);
  sap.session_id = session_id.value;
  return sap;
}

}  // namespace maple

namespace providers {

constinit const Provider maple = {
    .name = "maple",
    .default_base_url = "https://maple.example",
    .sandbox_base_url = "",
    .base_url_variable = "MAPLE_BASE_URL",
    .credential_name = "api_key",
    .credential_variable = "MAPLE_API_KEY",
    .credential_required = true,
    .credential_styles = kStyles,
    .state_map = kStateMap,
    .check = check,
    .probe = {"probe", Effect::none, sessionvitals::maple::build_sap, parse_probe},
};

}  // namespace providers

}  // namespace sessionvitals

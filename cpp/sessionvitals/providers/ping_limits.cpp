// Ping Network's limits. Each is a resource without an id; SCOPE is global, client or session.
//
//     GET    /customer/limits/SCOPE
//     PATCH  /customer/limits/SCOPE   {"download_speed": 1000000, ...}
//     200 {"id": "gl_1", "created_at": "...", "updated_at": "...", "download_speed": 1000000, ...}
//     DELETE /customer/limits/SCOPE
//     204
//
// The base URL ends in /customer/v2: the vendor's document has "customer" twice.

#include "sessionvitals/providers/ping_limits.h"

#include <array>
#include <utility>

#include "sessionvitals/providers/ping.h"
#include "sessionvitals/providers/ping_wire.h"
#include "sessionvitals/providers/reading/json.h"
#include "sessionvitals/providers/reading/reading.h"

namespace sessionvitals {

template <>
constexpr auto providers::kMembers<PingLimits> = std::array{
    required<&PingLimits::id>("id"),
    required<&PingLimits::created_at>("created_at"),
    required<&PingLimits::updated_at>("updated_at"),
    optional<&PingLimits::downloaded_bytes>("downloaded_bytes"),
    optional<&PingLimits::uploaded_bytes>("uploaded_bytes"),
    optional<&PingLimits::download_speed>("download_speed"),
    optional<&PingLimits::upload_speed>("upload_speed"),
    optional<&PingLimits::max_sessions>("max_sessions"),
    optional<&PingLimits::max_reconnections>("max_reconnections"),
};

template <>
constexpr auto providers::kMembers<PingLimitsChange> = std::array{
    optional<&PingLimitsChange::downloaded_bytes>("downloaded_bytes"),
    optional<&PingLimitsChange::uploaded_bytes>("uploaded_bytes"),
    optional<&PingLimitsChange::download_speed>("download_speed"),
    optional<&PingLimitsChange::upload_speed>("upload_speed"),
};

template <>
constexpr auto providers::kMembers<PingClientLimitsChange> = std::array{
    optional<&PingClientLimitsChange::downloaded_bytes>("downloaded_bytes"),
    optional<&PingClientLimitsChange::uploaded_bytes>("uploaded_bytes"),
    optional<&PingClientLimitsChange::download_speed>("download_speed"),
    optional<&PingClientLimitsChange::upload_speed>("upload_speed"),
    optional<&PingClientLimitsChange::max_sessions>("max_sessions"),
    optional<&PingClientLimitsChange::max_reconnections>("max_reconnections"),
};

namespace {

constexpr std::string_view kPath = "/customer/limits/";
constexpr std::string_view kGlobal = "global";
constexpr std::string_view kClient = "client";
constexpr std::string_view kSession = "session";

using Given = std::pair<std::string_view, std::optional<std::int64_t>>;

std::optional<Error> check_given(std::span<const Given> given) {
  bool has_any = false;
  for (const auto& [name, value] : given) {
    has_any |= value.has_value();
    if (value.value_or(0) >= 0) continue;
    return Error(ErrorKind::configuration_error,
                 std::string(name) +
                     " must not be negative: leave it out to keep the limit as it "
                     "is.");
  }
  if (has_any) return std::nullopt;
  return Error(ErrorKind::configuration_error,
               "No limit is given, so there is nothing to change: pass at least one.");
}

std::optional<Error> check(const PingLimitsChange& change) {
  return check_given(std::array<Given, 4>{{{"downloaded_bytes", change.downloaded_bytes},
                                           {"uploaded_bytes", change.uploaded_bytes},
                                           {"download_speed", change.download_speed},
                                           {"upload_speed", change.upload_speed}}});
}

std::optional<Error> check(const PingClientLimitsChange& change) {
  return check_given(std::array<Given, 6>{{{"downloaded_bytes", change.downloaded_bytes},
                                           {"uploaded_bytes", change.uploaded_bytes},
                                           {"download_speed", change.download_speed},
                                           {"upload_speed", change.upload_speed},
                                           {"max_sessions", change.max_sessions},
                                           {"max_reconnections", change.max_reconnections}}});
}

Result<Request> build(std::string_view method, std::string_view scope,
                      const Credential& credential) {
  return ping::request_of(method, std::string(kPath).append(scope), credential);
}

template <class Change>
Result<Request> build_update(std::string_view scope, const Change& change,
                             const Credential& credential) {
  if (auto error = check(change)) return *std::move(error);
  auto request = build("PATCH", scope, credential);
  if (!request) return request;
  if (auto error = providers::add_json_body(*request, change)) return *std::move(error);
  return request;
}

Error refuse_limits(const Response& response) {
  return ping::refuse(response, providers::Subject::other,
                      "No limits are set, or they were deleted; the vendor documents no call that "
                      "creates them.");
}

Result<PingLimits> parse(const Response& response) {
  if (response.http_status != 200) return refuse_limits(response);
  PingLimits limits;
  if (auto error = providers::read_answer(providers::ping, response, limits)) {
    return *std::move(error);
  }
  return limits;
}

}  // namespace

namespace ping {

Result<Request> build_get_global_limits(const NoQuestion&, const Credential& credential) {
  return build("GET", kGlobal, credential);
}
Result<Request> build_get_client_limits(const NoQuestion&, const Credential& credential) {
  return build("GET", kClient, credential);
}
Result<Request> build_get_session_limits(const NoQuestion&, const Credential& credential) {
  return build("GET", kSession, credential);
}

Result<Request> build_update_global_limits(const PingLimitsChange& question,
                                           const Credential& credential) {
  return build_update(kGlobal, question, credential);
}
Result<Request> build_update_client_limits(const PingClientLimitsChange& question,
                                           const Credential& credential) {
  return build_update(kClient, question, credential);
}
Result<Request> build_update_session_limits(const PingLimitsChange& question,
                                            const Credential& credential) {
  return build_update(kSession, question, credential);
}

Result<Request> build_delete_global_limits(const NoQuestion&, const Credential& credential) {
  return build("DELETE", kGlobal, credential);
}
Result<Request> build_delete_client_limits(const NoQuestion&, const Credential& credential) {
  return build("DELETE", kClient, credential);
}
Result<Request> build_delete_session_limits(const NoQuestion&, const Credential& credential) {
  return build("DELETE", kSession, credential);
}

Result<PingLimits> parse_get_limits(const NoQuestion&, const Response& response) {
  return parse(response);
}
Result<PingLimits> parse_update_limits(const PingLimitsChange&, const Response& response) {
  return parse(response);
}
Result<PingLimits> parse_update_client_limits(const PingClientLimitsChange&,
                                              const Response& response) {
  return parse(response);
}

Result<NoContent> parse_delete_limits(const NoQuestion&, const Response& response) {
  if (response.http_status == 204) return NoContent{};
  return refuse_limits(response);
}

}  // namespace ping

}  // namespace sessionvitals

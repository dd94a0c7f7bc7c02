#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sessionvitals/provider.h"

/// Ping Network: what an account's sessions may use. All limits are the account's: of all
/// of it, of each client, of each session. No call takes an id.
namespace sessionvitals {

/// Limits that are in force. One that the vendor does not tell is absent.
struct PingLimits : Detail {
  std::string id;
  std::optional<Timestamp> created_at;
  std::optional<Timestamp> updated_at;
  std::optional<std::int64_t> downloaded_bytes;
  std::optional<std::int64_t> uploaded_bytes;
  std::optional<std::int64_t> download_speed;     // bytes a second
  std::optional<std::int64_t> upload_speed;       // bytes a second
  std::optional<std::int64_t> max_sessions;       // at once; of each client alone
  std::optional<std::int64_t> max_reconnections;  // in a session; of each client alone
};

/// The question of update_global_limits() and update_session_limits(). What is absent is not
/// sent. What 0 means is not documented.
struct PingLimitsChange {
  std::optional<std::int64_t> downloaded_bytes = {};
  std::optional<std::int64_t> uploaded_bytes = {};
  std::optional<std::int64_t> download_speed = {};  // bytes a second
  std::optional<std::int64_t> upload_speed = {};    // bytes a second

  bool operator==(const PingLimitsChange&) const = default;
};

/// The question of update_client_limits().
struct PingClientLimitsChange {
  std::optional<std::int64_t> downloaded_bytes = {};
  std::optional<std::int64_t> uploaded_bytes = {};
  std::optional<std::int64_t> download_speed = {};  // bytes a second
  std::optional<std::int64_t> upload_speed = {};    // bytes a second
  std::optional<std::int64_t> max_sessions = {};
  std::optional<std::int64_t> max_reconnections = {};

  bool operator==(const PingClientLimitsChange&) const = default;
};

namespace ping {

/// Write the requests. Fail with a ConfigurationError for a key that cannot be sent.
Result<Request> build_get_global_limits(const NoQuestion& question, const Credential& credential);
Result<Request> build_get_client_limits(const NoQuestion& question, const Credential& credential);
Result<Request> build_get_session_limits(const NoQuestion& question, const Credential& credential);
Result<Request> build_delete_global_limits(const NoQuestion&, const Credential& credential);
Result<Request> build_delete_client_limits(const NoQuestion&, const Credential& credential);
Result<Request> build_delete_session_limits(const NoQuestion&, const Credential& credential);

/// Fail also if no limit is given, or one that is negative.
Result<Request> build_update_global_limits(const PingLimitsChange& question,
                                           const Credential& credential);
Result<Request> build_update_client_limits(const PingClientLimitsChange& question,
                                           const Credential& credential);
Result<Request> build_update_session_limits(const PingLimitsChange& question,
                                            const Credential& credential);

/// Read the answers. Fail with an HttpStatusError for all but 200, or 204 for a deletion
/// (NotFoundError if there are no such limits), and a ContractError.
Result<PingLimits> parse_get_limits(const NoQuestion& question, const Response& response);
Result<PingLimits> parse_update_limits(const PingLimitsChange& question, const Response& response);
Result<PingLimits> parse_update_client_limits(const PingClientLimitsChange& question,
                                              const Response& response);
Result<NoContent> parse_delete_limits(const NoQuestion& question, const Response& response);

inline constexpr Operation<NoQuestion, PingLimits> kGetGlobalLimits{
    "get_global_limits", Effect::none, build_get_global_limits, parse_get_limits};
inline constexpr Operation<NoQuestion, PingLimits> kGetClientLimits{
    "get_client_limits", Effect::none, build_get_client_limits, parse_get_limits};
inline constexpr Operation<NoQuestion, PingLimits> kGetSessionLimits{
    "get_session_limits", Effect::none, build_get_session_limits, parse_get_limits};

// A second PATCH would give the same limits, and undo what another has changed in between.
inline constexpr Operation<PingLimitsChange, PingLimits> kUpdateGlobalLimits{
    "update_global_limits", Effect::once, build_update_global_limits, parse_update_limits};
inline constexpr Operation<PingClientLimitsChange, PingLimits> kUpdateClientLimits{
    "update_client_limits", Effect::once, build_update_client_limits, parse_update_client_limits};
inline constexpr Operation<PingLimitsChange, PingLimits> kUpdateSessionLimits{
    "update_session_limits", Effect::once, build_update_session_limits, parse_update_limits};

inline constexpr Operation<NoQuestion, NoContent> kDeleteGlobalLimits{
    "delete_global_limits", Effect::idempotent, build_delete_global_limits, parse_delete_limits};
inline constexpr Operation<NoQuestion, NoContent> kDeleteClientLimits{
    "delete_client_limits", Effect::idempotent, build_delete_client_limits, parse_delete_limits};
inline constexpr Operation<NoQuestion, NoContent> kDeleteSessionLimits{
    "delete_session_limits", Effect::idempotent, build_delete_session_limits, parse_delete_limits};

}  // namespace ping

}  // namespace sessionvitals

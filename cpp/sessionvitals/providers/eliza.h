#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sessionvitals/provider.h"

/// elizaOS: an agent's messaging session, when it expires, and what is left.
///
/// Pure requests and readings of GET /api/messaging/sessions/{id}; the clients
/// that send them are ElizaClient and, for any vendor, Client.
namespace sessionvitals {

/// When a session runs out. Numbers may be fractions, and beyond any duration.
struct TimeoutConfig {
  std::optional<double> timeout_minutes;
  std::optional<double> max_duration_minutes;
  std::optional<double> warning_threshold_minutes;
  std::optional<JsonText> auto_renew;  // a boolean, or any JSON if so created
  std::vector<ExtraMember> extra;

  bool operator==(const TimeoutConfig&) const = default;
};

/// elizaOS's answer about a session. What is optional here is absent from the
/// answers of some versions of the server.
struct ElizaSession : Detail {
  std::string session_id;
  std::string agent_id;
  std::string user_id;
  std::optional<std::string> channel_id;
  Timestamp created_at;
  std::optional<Timestamp> last_activity;
  std::optional<Timestamp> expires_at;
  std::optional<JsonText> metadata;  // any JSON, nested as deep as it came
  std::optional<TimeoutConfig> timeout_config;
  std::optional<std::int64_t> renewal_count;
  std::optional<std::chrono::milliseconds> time_remaining;
  std::optional<bool> is_near_expiration;  // by the server's own threshold
  std::vector<std::string> null_members;   // members that were there and null, as the vendor
                                           // spells them; an absent one is not in it
};

namespace eliza {

/// Writes the request, with a key only if there is one. Fails with a
/// ConfigurationError for an id or a key that cannot be sent.
Result<Request> build_get_session(const SessionId& session_id, const Credential& credential);

/// Reads the answer. Fails with an HttpStatusError for all but 200: NotFoundError
/// and SessionExpiredError both mean that the session is gone (a 410 is answered
/// once, and 404 from then on); and a ContractError for a 200 that is not one.
Result<ElizaSession> parse_get_session(const SessionId& session_id, const Response& response);

inline constexpr Operation<SessionId, ElizaSession> kGetSession{
    "get_session", Effect::none, build_get_session, parse_get_session};

}  // namespace eliza

namespace providers {
extern const Provider eliza;
}

}  // namespace sessionvitals

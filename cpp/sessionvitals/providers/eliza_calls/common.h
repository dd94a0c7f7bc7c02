#pragma once

#include <array>
#include <string>
#include <string_view>

#include "sessionvitals/providers/eliza.h"
#include "sessionvitals/providers/reading/json.h"
#include "sessionvitals/providers/reading/reading.h"

/// What the calls of elizaOS have in common. Private to providers/.
namespace sessionvitals {

template <>
inline constexpr auto providers::kMembers<TimeoutConfig> = std::array{
    optional<&TimeoutConfig::timeout_minutes>("timeoutMinutes"),
    opaque<&TimeoutConfig::auto_renew>("autoRenew"),
    optional<&TimeoutConfig::max_duration_minutes>("maxDurationMinutes"),
    optional<&TimeoutConfig::warning_threshold_minutes>("warningThresholdMinutes"),
};

template <>
inline constexpr auto providers::kMembers<ElizaSession> = std::array{
    required<&ElizaSession::session_id>("sessionId"),
    optional<&ElizaSession::channel_id>("channelId"),
    required<&ElizaSession::agent_id>("agentId"),
    required<&ElizaSession::user_id>("userId"),
    required<&ElizaSession::created_at>("createdAt"),
    optional<&ElizaSession::last_activity>("lastActivity"),
    opaque<&ElizaSession::metadata>("metadata"),
    optional<&ElizaSession::expires_at>("expiresAt"),
    optional<&ElizaSession::timeout_config>("timeoutConfig"),
    optional<&ElizaSession::renewal_count>("renewalCount"),
    optional<&ElizaSession::time_remaining>("timeRemaining"),
    optional<&ElizaSession::is_near_expiration>("isNearExpiration"),
};

namespace eliza_calls {

inline constexpr std::string_view kPathOfSession = "/api/messaging/sessions/";
inline constexpr std::string_view kSessions = kPathOfSession.substr(0, kPathOfSession.size() - 1);

/// Returns a request without a body, with a key only if there is one. Fails with a
/// ConfigurationError for a key that cannot be sent.
Result<Request> request_of(std::string_view method, std::string target,
                           const Credential& credential);

/// The same for one session; `rest` follows its id in the path. Fails also for an id
/// that cannot be sent.
Result<Request> request_of_session(std::string_view method, std::string_view session_id,
                                   std::string_view rest, const Credential& credential);

/// Writes the POST of a message, whatever its transport.
Result<Request> request_of_message(const ElizaNewMessage& message, const Credential& credential);

/// Returns the time of that many milliseconds since 1970, unless it is out of range.
std::optional<Timestamp> time_of(std::int64_t milliseconds);

/// Reads an answer of 200 that is the session of that id; another is a ContractError.
Result<ElizaSession> parse_session(std::string_view session_id, const Response& response);

/// Returns what a refusal of a call with arguments says: only 404 and 410 are about the
/// session.
Error refuse_command(const Response& response);

/// Returns what a refusal says, in any of the server's forms, without its stack trace.
Error refuse(const Response& response, providers::Subject subject);

}  // namespace eliza_calls

}  // namespace sessionvitals

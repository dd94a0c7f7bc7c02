#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sessionvitals/provider.h"

/// elizaOS: an agent's messaging session, when it expires, and what is left.
///
/// Pure requests and readings of the calls under /api/messaging/sessions; the clients
/// that send them are ElizaClient and, for any vendor, Client.
namespace sessionvitals {

struct ElizaSession;

/// When a session runs out. Numbers may be fractions, and beyond any duration.
struct TimeoutConfig {
  /// Returns the session's own, whole, to be changed and given to update_timeout(). Fails
  /// with a ConfigurationError if the server has not told all four members.
  static Result<TimeoutConfig> of(const ElizaSession& session);

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

/// What the server says of itself.
struct ElizaHealth : Detail {
  std::string status;  // "healthy", in all that is known
  std::int64_t active_sessions = 0;
  Timestamp timestamp;                        // the server's clock
  std::optional<std::int64_t> expiring_soon;  // sessions, by their own thresholds
  std::optional<std::int64_t> invalid_sessions;
  std::optional<double> uptime;  // seconds
};

/// The question of create_session().
struct ElizaNewSession {
  std::string agent_id;  // a UUID of an agent that runs on the server
  std::string user_id;   // a UUID, of your choice
  std::optional<JsonText> metadata = {};
  std::optional<TimeoutConfig> timeout_config = {};  // what is left out is the agent's default
  // Kept in the metadata, which must then be an object: to find the session by.
  std::optional<std::string> create_key = {};

  bool operator==(const ElizaNewSession&) const = default;
};

/// The question of update_timeout(). All four members of the config must be there.
struct ElizaNewTimeout {
  std::string session_id;
  TimeoutConfig config;

  bool operator==(const ElizaNewTimeout&) const = default;
};

/// A message of a session.
struct ElizaMessage {
  std::string id;
  std::string author_id;
  bool is_agent = false;
  std::string content;
  Timestamp created_at;
  std::optional<JsonText> metadata;
  std::vector<ExtraMember> extra;

  bool operator==(const ElizaMessage&) const = default;
};

/// The times of the oldest and the newest message of a page, in epoch milliseconds.
struct ElizaCursors {
  std::optional<std::int64_t> before;
  std::optional<std::int64_t> after;

  bool operator==(const ElizaCursors&) const = default;
};

/// Some of a session's messages, newest first.
struct ElizaMessagePage : Detail {
  std::vector<ElizaMessage> messages;
  bool has_more = false;  // there are as many as were asked for, so there may be more
  std::optional<ElizaCursors> cursors;
};

/// What an agent answered.
struct ElizaReply {
  std::optional<std::string> text;
  std::vector<ExtraMember> extra;

  bool operator==(const ElizaReply&) const = default;
};

/// What a message did to its session.
struct ElizaSessionStatus {
  std::optional<Timestamp> expires_at;
  std::optional<std::int64_t> renewal_count;
  std::optional<bool> was_renewed;

  bool operator==(const ElizaSessionStatus&) const = default;
};

/// A message that was sent, as the server has stored it.
struct ElizaSentMessage : Detail {
  std::string id;
  std::optional<std::string> channel_id;
  Timestamp created_at;
  std::optional<ElizaSessionStatus> status;
  std::optional<ElizaReply> reply;  // with transport "http", unless the agent has no answer
};

/// The question of send_message().
struct ElizaNewMessage {
  std::string session_id;
  std::string content;                  // 1 to 4,000 UTF-16 units
  std::string transport = "websocket";  // or "http", which waits for the agent's answer
  std::optional<JsonText> metadata = {};
  std::optional<JsonText> attachments = {};
  // Kept in the metadata, which must then be an object: to find the message by.
  std::optional<std::string> message_key = {};

  /// The server gives an agent 30 s.
  std::optional<std::chrono::seconds> default_timeout() const {
    if (transport != "http") return std::nullopt;
    return std::chrono::seconds(35);
  }

  bool operator==(const ElizaNewMessage&) const = default;
};

/// The question of get_messages(). Both times are exclusive; at most one may be given,
/// because the server looks at some messages only if both are.
struct ElizaMessageQuery {
  std::string session_id;
  std::optional<std::int64_t> limit = {};   // 1 to 100; none: the server's 50
  std::optional<std::int64_t> before = {};  // epoch milliseconds
  std::optional<std::int64_t> after = {};

  bool operator==(const ElizaMessageQuery&) const = default;
};

/// The member of a session's, or a message's, metadata that holds its key.
inline constexpr std::string_view kElizaKeyMember = "sessionvitals_key";

/// Whether the metadata of a session, or a message, has that key.
bool has_eliza_key(const std::optional<JsonText>& metadata, std::string_view key);

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

Result<Request> build_check_health(const NoQuestion& question, const Credential& credential);
Result<ElizaHealth> parse_check_health(const NoQuestion& question, const Response& response);

inline constexpr Operation<NoQuestion, ElizaHealth> kCheckHealth{
    "check_health", Effect::none, build_check_health, parse_check_health};

/// Fails with a ConfigurationError for an empty id, metadata of more than 10,240 UTF-16
/// units, and a create_key with metadata that is no object.
Result<Request> build_create_session(const ElizaNewSession& question, const Credential& credential);
Result<ElizaSession> parse_create_session(const ElizaNewSession& question,
                                          const Response& response);

/// The timeout_config of the answer is the one that holds: out of range, the server
/// brings a number into it and does not say so.
inline constexpr Operation<ElizaNewSession, ElizaSession> kCreateSession{
    "create_session", Effect::once, build_create_session, parse_create_session};

/// A session is about 500 bytes, and the server has no pages.
inline constexpr std::size_t kElizaListLimit = std::size_t{16} * 1024 * 1024;

Result<Request> build_list_sessions(const NoQuestion& question, const Credential& credential);
Result<Page<ElizaSession>> parse_list_sessions(const NoQuestion& question,
                                               const Response& response);

inline constexpr Operation<NoQuestion, Page<ElizaSession>> kListSessions{
    "list_sessions", Effect::none, build_list_sessions, parse_list_sessions, kElizaListLimit};

Result<Request> build_renew_session(const SessionId& session_id, const Credential& credential);
Result<Request> build_send_heartbeat(const SessionId& session_id, const Credential& credential);

/// Both count a renewal.
inline constexpr Operation<SessionId, ElizaSession> kRenewSession{
    "renew_session", Effect::once, build_renew_session, parse_get_session};
inline constexpr Operation<SessionId, ElizaSession> kSendHeartbeat{
    "send_heartbeat", Effect::once, build_send_heartbeat, parse_get_session};

/// Fails with a ConfigurationError for a config that lacks one of its four members, or
/// whose auto_renew is no boolean.
Result<Request> build_update_timeout(const ElizaNewTimeout& question, const Credential& credential);
Result<ElizaSession> parse_update_timeout(const ElizaNewTimeout& question,
                                          const Response& response);

/// Twice is the same as once; it is not sent again all the same, as that could undo
/// another's change.
inline constexpr Operation<ElizaNewTimeout, ElizaSession> kUpdateTimeout{
    "update_timeout", Effect::once, build_update_timeout, parse_update_timeout};

Result<Request> build_delete_session(const SessionId& session_id, const Credential& credential);
Result<NoContent> parse_delete_session(const SessionId& session_id, const Response& response);

inline constexpr Operation<SessionId, NoContent> kDeleteSession{
    "delete_session", Effect::idempotent, build_delete_session, parse_delete_session};

/// Fails with a ConfigurationError for content or metadata of a length that the server
/// refuses, and for another transport.
Result<Request> build_send_message(const ElizaNewMessage& question, const Credential& credential);

/// Reads the answer. A 500 with transport "http" may mean that the agent failed: the
/// message is stored all the same.
Result<ElizaSentMessage> parse_send_message(const ElizaNewMessage& question,
                                            const Response& response);

inline constexpr Operation<ElizaNewMessage, ElizaSentMessage> kSendMessage{
    "send_message", Effect::once, build_send_message, parse_send_message};

/// Fails with a ConfigurationError for a limit or a time out of range, and for both times.
Result<Request> build_get_messages(const ElizaMessageQuery& question, const Credential& credential);
Result<ElizaMessagePage> parse_get_messages(const ElizaMessageQuery& question,
                                            const Response& response);

/// A page may hold 100 messages of 4,000 units, each with its metadata.
inline constexpr std::size_t kElizaPageLimit = std::size_t{8} * 1024 * 1024;

inline constexpr Operation<ElizaMessageQuery, ElizaMessagePage> kGetMessages{
    "get_messages", Effect::none, build_get_messages, parse_get_messages, kElizaPageLimit};

}  // namespace eliza

namespace providers {
extern const Provider eliza;
}

}  // namespace sessionvitals

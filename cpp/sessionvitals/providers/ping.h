#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sessionvitals/provider.h"

/// Ping Network: where VPN sessions can run, their life, and what they have used.
///
/// Pure requests and readings; the clients that send them are PingClient and, for any
/// vendor, Client. The limits are in ping_limits.h.
namespace sessionvitals {

/// Ping's answer about a session. Counters are exact, and absent where the
/// vendor left them out: whether that means zero is the caller's to decide
/// (`uploaded_bytes.value_or(0)`).
struct PingSessionStatus : Detail {
  std::string session_id;
  std::string client_id;
  std::string
      status;  // the vendor's word, verbatim: created, connected, disconnected, or a new one
  std::optional<std::chrono::seconds> duration;
  std::optional<std::int64_t> uploaded_bytes;
  std::optional<std::int64_t> downloaded_bytes;
};

/// A place where sessions can run.
struct PingZone {
  std::string code;  // what create_session() takes
  std::string name;
  bool has_active_nodes = false;
  std::vector<ExtraMember> extra;

  bool operator==(const PingZone&) const = default;
};

/// The question of create_session().
struct PingNewSession {
  std::string client_id;
  std::string zone;                       // a zone's code
  std::string connection_type = "vless";  // the only one that there is
  std::optional<bool> reusable = {};      // absent: the vendor's choice

  bool operator==(const PingNewSession&) const = default;
};

/// A session that was made. Ping gives `configuration` and `configuration_link` this one
/// time; both are the credential of the tunnel.
struct PingSession : Detail {
  std::string id;
  std::optional<std::string> connection_type;
  std::optional<std::string> zone;
  std::optional<JsonText> configuration;          // secret
  std::optional<std::string> configuration_link;  // secret
  std::optional<bool> reusable;
  std::optional<Timestamp> created_at;
};

/// What pause_session() and resume_session() answer.
struct PingPause : Detail {
  std::string session_id;
  bool paused = false;  // now
};

/// How a Ping key is sent in `Authorization`. The specification sends it as it
/// is; the vendor's overview puts "Bearer " before it.
inline constexpr std::string_view kPingRawScheme = "raw";
inline constexpr std::string_view kPingBearerScheme = "bearer";

namespace ping {

/// Writes the request. `credential.style` is "raw" (also if empty) or "bearer";
/// a key that begins with "Bearer " is never given another. Fails with a
/// ConfigurationError for an id or a key that cannot be sent.
Result<Request> build_session_status(const SessionId& session_id, const Credential& credential);

/// Reads the answer. Fails with an HttpStatusError for all but 200 (NotFoundError
/// for an unknown session), and a ContractError for a 200 that is not one.
Result<PingSessionStatus> parse_session_status(const SessionId& session_id,
                                               const Response& response);

inline constexpr Operation<SessionId, PingSessionStatus> kSessionStatus{
    "session_status", Effect::none, build_session_status, parse_session_status};

/// Fails with a ConfigurationError for a key that cannot be sent.
Result<Request> build_list_zones(const NoQuestion& question, const Credential& credential);
Result<Page<PingZone>> parse_list_zones(const NoQuestion& question, const Response& response);

inline constexpr Operation<NoQuestion, Page<PingZone>> kListZones{
    "list_zones", Effect::none, build_list_zones, parse_list_zones};

/// Fails with a ConfigurationError for an empty client_id or zone, and for any
/// connection_type but "vless".
Result<Request> build_create_session(const PingNewSession& question, const Credential& credential);

/// Reads the answer. Fails with an HttpStatusError for all but 201 (NotFoundError for an
/// unknown zone), and a ContractError for a 201 without an id. No error has the
/// configuration.
Result<PingSession> parse_create_session(const PingNewSession& question, const Response& response);

inline constexpr Operation<PingNewSession, PingSession> kCreateSession{
    "create_session", Effect::once, build_create_session, parse_create_session};

/// Fails with a ConfigurationError for an id or a key that cannot be sent.
Result<Request> build_pause_session(const SessionId& session_id, const Credential& credential);
Result<Request> build_resume_session(const SessionId& session_id, const Credential& credential);

/// Reads the answer to either. Fails with a BadRequestError for a session that is not
/// reusable, or is already so, and a ContractError for an answer about another session.
Result<PingPause> parse_pause(const SessionId& session_id, const Response& response);

inline constexpr Operation<SessionId, PingPause> kPauseSession{"pause_session", Effect::once,
                                                               build_pause_session, parse_pause};
inline constexpr Operation<SessionId, PingPause> kResumeSession{"resume_session", Effect::once,
                                                                build_resume_session, parse_pause};

}  // namespace ping

namespace providers {
extern const Provider ping;
}

}  // namespace sessionvitals

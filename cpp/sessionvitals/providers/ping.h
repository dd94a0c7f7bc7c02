#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sessionvitals/provider.h"

/// Ping Network: what a VPN session is doing, and what it has used.
///
/// Pure requests and readings of GET /sessions/{id}/status; the clients that
/// send them are PingClient and, for any vendor, Client.
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

}  // namespace ping

namespace providers {
extern const Provider ping;
}

}  // namespace sessionvitals

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sessionvitals/providers/ping.h"
#include "sessionvitals/stream.h"

/// What the sessions of a Ping account do, as the account's stream of events says it.
namespace sessionvitals {

/// One event of one session.
struct SessionEvent {
  std::int64_t id = 0;     // whether ids grow is not documented
  std::string event_type;  // the vendor's word, verbatim: session_start, session_heartbeat,
                           // session_end, session_stats, or a new one
  std::string session_id;
  Timestamp created_at;
  std::optional<std::chrono::seconds> duration;
  std::optional<std::int64_t> downloaded_bytes;
  std::optional<std::int64_t> uploaded_bytes;
  std::vector<ExtraMember> extra;

  bool operator==(const SessionEvent&) const = default;
};

/// The question of events().
struct PingEventsQuestion {
  std::string last_event_id;  // that the server gave a stream before; empty: none

  bool operator==(const PingEventsQuestion&) const = default;
};

namespace ping {

/// Writes the request. Fails with a ConfigurationError for a key that cannot be sent.
Result<Request> build_events(const PingEventsQuestion& question, const Credential& credential);

/// Reads one event. Fails with a ContractError if it is no SessionEvent. What kind of
/// server-sent event carries it is not documented, and not looked at.
Result<SessionEvent> parse_event(const PingEventsQuestion& question, const ServerSentEvent& event);

/// Returns the HttpStatusError, or for a 200 the ContractError, of a response that is no stream.
Error refuse_events(const PingEventsQuestion& question, const Response& response);

inline constexpr Stream<PingEventsQuestion, SessionEvent> kEvents{
    "events", Effect::none, build_events, parse_event, refuse_events};

/// The same for a watch, which needs of an event only which session it is about.
extern const Stream<NoQuestion, Hint> kHints;

}  // namespace ping

}  // namespace sessionvitals

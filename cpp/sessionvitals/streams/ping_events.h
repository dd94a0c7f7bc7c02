#pragma once

#include <variant>

#include "sessionvitals/client/client.h"
#include "sessionvitals/providers/ping_events.h"
#include "sessionvitals/streams/event_stream.h"

namespace sessionvitals {

/// A time in which events may have been missed: Ping gives none of before a stream was opened.
struct StreamGap {
  Timestamp since;  // when the last bytes of the lost stream came
  Timestamp until;  // when the next one was open

  bool operator==(const StreamGap&) const = default;
};

using PingEvent = std::variant<SessionEvent, StreamGap>;

/// What the sessions of the account do.
///
/// A stream that is lost, or that the server ends, is opened again; its first item is then a
/// StreamGap. An event that came before is dropped by its id. What an item is after:
///
///     the connection breaks, is cut, is silent for idle_timeout; HTTP 429, 500, 502, 503, 504
///         the stream is opened again; but if it was never open, the error is returned after the
///         retries of a call
///     HTTP 204         the end, for good
///     any other answer, a line or an event over 1 MiB
///         the error, for good
///     an event that is no SessionEvent
///         a ContractError; the next event may be asked for
EventStream<PingEvent> open_ping_events(const Client& client, StreamOptions options);

}  // namespace sessionvitals

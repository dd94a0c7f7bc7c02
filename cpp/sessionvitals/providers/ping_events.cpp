// What happens to all sessions of a Ping account, as server-sent events.
//
//     GET /sessions/events
//     200 text/event-stream, of which each event has the data
//         {"id": 1, "event_type": "session_start", "session_id": "s-1",
//          "created_at": "2026-01-01T00:00:00Z", "duration": 60,
//          "downloaded_bytes": 4096, "uploaded_bytes": 1024}        the last three optional
//     401, 500 {"error": {"code": "...", "message": "..."}}

#include "sessionvitals/providers/ping_events.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sessionvitals/providers/ping_wire.h"
#include "sessionvitals/providers/reading/json.h"
#include "sessionvitals/providers/reading/reading.h"

namespace sessionvitals {

template <>
constexpr auto providers::kMembers<SessionEvent> = std::array{
    required<&SessionEvent::id>("id"),
    required<&SessionEvent::event_type>("event_type"),
    required<&SessionEvent::session_id>("session_id"),
    required<&SessionEvent::created_at>("created_at"),
    optional<&SessionEvent::duration>("duration"),
    optional<&SessionEvent::downloaded_bytes>("downloaded_bytes"),
    optional<&SessionEvent::uploaded_bytes>("uploaded_bytes"),
};

namespace ping {

namespace {

// A server chose it, and no other value is sent in a header.
bool can_be_sent(std::string_view id) {
  return !id.empty() && std::ranges::none_of(id, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

}  // namespace

Result<Request> build_events(const PingEventsQuestion& question, const Credential& credential) {
  auto request = request_of("GET", "/sessions/events", credential);
  if (!request) return request;
  request->headers.front().value = "text/event-stream";
  providers::add_header(*request, "Cache-Control", "no-store");
  if (can_be_sent(question.last_event_id)) {
    providers::add_header(*request, "Last-Event-ID", question.last_event_id);
  }
  return request;
}

Result<SessionEvent> parse_event(const PingEventsQuestion&, const ServerSentEvent& event) {
  SessionEvent read;
  if (auto violation = providers::read_json(event.data, read)) {
    return Error(*std::move(violation), providers::ping.name, 200);
  }
  return read;
}

Error refuse_events(const PingEventsQuestion&, const Response& response) {
  if (response.http_status != 200) return refuse(response, providers::Subject::other);
  return Error(Violation{"", "a stream of events", "another answer"}, providers::ping.name,
               response.http_status);
}

namespace {

Result<Request> build_hints(const NoQuestion&, const Credential& credential) {
  return build_events({}, credential);
}

Result<Hint> parse_hint(const NoQuestion&, const ServerSentEvent& event) {
  auto read = parse_event({}, event);
  if (!read) return std::move(read).error();
  const bool is_alive =
      read->event_type == "session_heartbeat" || read->event_type == "session_stats";
  return Hint{.id = read->id, .session_id = std::move(read->session_id), .is_alive = is_alive};
}

Error refuse_hints(const NoQuestion&, const Response& response) {
  return refuse_events({}, response);
}

}  // namespace

constinit const Stream<NoQuestion, Hint> kHints{"events", Effect::none, build_hints, parse_hint,
                                                refuse_hints};

}  // namespace ping

}  // namespace sessionvitals

// GET /sessions/events: what the sessions do, as server-sent events. [vendor]
//
// When the vendor sends session_heartbeat and session_stats is not documented: here, both at once,
// every `ping_heartbeat_every` seconds of virtual time while a session is connected.
#include <algorithm>
#include <tuple>

#include "sandbox/space.h"
#include "vendors/ping/calls.h"
#include "vendors/ping/ping.h"
#include "vendors/ping/rules.h"
#include "vendors/ping/session.h"

namespace mock {

using namespace ping_rules;

namespace {

enum Stage { kFollows = 1 };

// So many events of one session are sent at once at most; those before them are left out.
constexpr std::int64_t kMaxAtOnce = 1000;

struct Event {
  Time at;
  std::int64_t id;
  std::string_view type;
  const PingSession* session;
};

// The events of one time of being connected, numbered from 0: its start, a heartbeat and stats for
// each beat, its end.
struct Connected {
  Time from;
  Time until;  // now, if it goes on
  bool is_over;
  Time every;

  std::int64_t beats() const { return every == 0 ? 0 : (until - from) / every; }
  std::int64_t count() const { return 1 + 2 * beats() + (is_over ? 1 : 0); }
  std::pair<Time, std::string_view> event(std::int64_t number) const {
    if (number == 0) return {from, "session_start"};
    if (is_over && number == count() - 1) return {until, "session_end"};
    return {from + (number + 1) / 2 * every,
            number % 2 == 1 ? "session_heartbeat" : "session_stats"};
  }
};

std::vector<Connected> connected_times(PingSession& session, Time now, Time every) {
  session.timeline.at(now);
  const auto& periods = session.timeline.periods();
  std::vector<Connected> times;
  for (std::size_t i = 0; i < periods.size(); ++i) {
    if (periods[i].state != "connected") continue;
    const bool is_over = i + 1 < periods.size();
    const Time until = is_over ? periods[i + 1].from : now;
    times.push_back({periods[i].from, std::max(until, periods[i].from), is_over, every});
  }
  return times;
}

std::int64_t count_of(const std::vector<Connected>& times) {
  std::int64_t count = 0;
  for (const Connected& time : times) count += time.count();
  return count;
}

// Appends the session's events from that number on.
void append_events(const PingSession& session, const std::vector<Connected>& times,
                   std::int64_t from, std::vector<Event>& events) {
  from = std::max(from, count_of(times) - kMaxAtOnce);
  std::int64_t begin = 0;
  for (const Connected& time : times) {
    for (std::int64_t number = std::max<std::int64_t>(from - begin, 0); number < time.count();
         ++number) {
      const auto [at, type] = time.event(number);
      const auto id = static_cast<std::int64_t>((session.order + 1) << 32U) + begin + number + 1;
      events.push_back({at, id, type, &session});
    }
    begin += time.count();
  }
}

void append_text(const Event& event, bool has_id, std::string& body) {
  Json data = {{"id", event.id},
               {"event_type", event.type},
               {"session_id", event.session->id},
               {"created_at", iso_time(event.at)}};
  if (event.type != "session_start") {
    const Time connected = event.session->timeline.time_in_until("connected", event.at);
    const PingCounters counters = ping_counters_then(*event.session, event.at);
    data["duration"] = counters.duration.value_or(connected / 1000);
    if (event.type != "session_heartbeat" && counters.downloaded_bytes) {
      data["downloaded_bytes"] = *counters.downloaded_bytes;
    }
    if (event.type != "session_heartbeat" && counters.uploaded_bytes) {
      data["uploaded_bytes"] = *counters.uploaded_bytes;
    }
  }
  if (has_id) body.append("id: ").append(std::to_string(event.id)).append("\n");
  body.append("data: ").append(to_text(data)).append("\n\n");
}

// When there may be the next event, as far as time alone brings it.
Time next_due(const PingSession& session, const std::vector<Connected>& times) {
  Time due = session.timeline.next_due().value_or(kLatest);
  if (!times.empty() && !times.back().is_over && times.back().every > 0) {
    due = std::min(due, times.back().from + (times.back().beats() + 1) * times.back().every);
  }
  return due;
}

Answer stream(std::string body, Piece piece) {
  return {.http_status = 200,
          .headers = {{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-cache"}},
          .body = std::move(body),
          .rule = &kEvents,
          .reason = "",
          .piece = piece};
}

}  // namespace

Answer ping_events(Call& call) {
  const Dialect& dialect = call.space.dialect;
  const bool is_first = call.progress.stage == 0;
  Json& told = call.progress.data;  // by session: how many of its events
  if (is_first) {
    told = Json::object();
    call.progress.stage = kFollows;
    call.progress.stream = call.space.streams;
  }
  Time due = kLatest;
  std::vector<Event> events;
  for (Session* each : call.space.sessions(*ping()).in_order()) {
    auto& session = static_cast<PingSession&>(*each);
    const auto times = connected_times(session, call.now, dialect.ping_heartbeat_every);
    const std::int64_t count = count_of(times);
    // What was before the stream is not told. A clock that goes back takes events away.
    const std::int64_t before = std::min(told.value(session.id, is_first ? count : 0), count);
    append_events(session, times, before, events);
    told[session.id] = count;
    due = std::min(due, next_due(session, times));
  }
  std::ranges::sort(events, {}, [](const Event& event) { return std::tie(event.at, event.id); });
  std::string body;
  if (is_first && dialect.ping_retry) {
    body.append("retry: ").append(std::to_string(*dialect.ping_retry)).append("\n\n");
  }
  for (const Event& event : events) append_text(event, dialect.ping_event_ids, body);
  if (is_first) return stream(std::move(body), Piece::first);
  if (body.empty()) call.progress.wait_until = due;
  return stream(std::move(body), Piece::next);
}

}  // namespace mock

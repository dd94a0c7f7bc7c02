// GET /__admin/events: what happens in a space, as server-sent events, for as long as the reader
// stays.
#include <algorithm>

#include "admin/calls.h"
#include "admin/query.h"
#include "greeting.h"
#include "mock.h"

namespace mock {

namespace {

constexpr std::size_t kMaxReaders = 16;
constexpr std::int64_t kMinInterval = 100;     // milliseconds between two writes to a reader
constexpr std::int64_t kPingInterval = 15000;  // of silence
constexpr std::size_t kMaxRows = 50;
constexpr std::size_t kMaxText = 1000;  // of a target or an id in a row

// One reader, and what it has been told.
struct Reader final : PendingAnswer {
  explicit Reader(std::size_t& readers) : count(readers) { ++count; }
  ~Reader() override { --count; }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  std::size_t& count;
  std::uint64_t next = 0;  // the first request, by the order of recording, not told yet
  std::uint64_t space = 0;
  std::uint64_t spaces = 0;
  std::uint64_t clears = 0;
  std::uint64_t faults = 0;
  std::uint64_t sessions = 0;
  Clock clock;
  std::int64_t written_at = 0;
  std::optional<std::int64_t> ends_at;
};

std::uint64_t session_changes(Space& space) {
  std::uint64_t changes = 0;
  for (const SessionStore& store : space.stores) changes += store.changes();
  return changes;
}

Json clock_json(const Clock& clock) {
  return {{"now", iso_time(clock.now())}, {"frozen", clock.is_frozen()}};
}

void append_event(std::string& text, std::string_view name, std::uint64_t id, const Json& data) {
  text.append("event: ").append(name).append("\nid: ").append(std::to_string(id));
  text.append("\ndata: ").append(to_text(data)).append("\n\n");
}

std::uint64_t first_kept(const Journal& journal) { return journal.recorded() - journal.size(); }

Json text_or_null(std::string_view text) {
  return text.empty() ? Json(nullptr) : Json(text.substr(0, kMaxText));
}

// What a table shows of a request; GET /__admin/requests?number=N has the rest.
Json row_of(const Entry& entry) {
  return {{"number", entry.number},
          {"at", iso_time(entry.at)},
          {"provider", text_or_null(entry.provider)},
          {"operation", text_or_null(entry.operation)},
          {"session_id", text_or_null(entry.session_id)},
          {"method", entry.method.substr(0, kMaxText)},
          {"target", entry.target.substr(0, kMaxText)},
          {"http_status", entry.http_status == 0 ? Json(nullptr) : Json(entry.http_status)},
          {"fault", text_or_null(entry.fault)},
          {"duration_ms", entry.duration}};
}

void notice_all(Reader& reader, AdminCall& call) {
  Space& space = call.space;
  reader.space = space.order;
  reader.spaces = call.mock.spaces().changes();
  reader.clears = space.journal.clears();
  reader.faults = space.faults.fingerprint();
  reader.sessions = session_changes(space);
  reader.clock = space.clock;
}

std::string hello(Reader& reader, AdminCall& call) {
  const Journal& journal = call.space.journal;
  reader.next = std::min(reader.next, journal.recorded());
  const std::uint64_t kept = first_kept(journal);
  const std::uint64_t lost = kept > reader.next ? kept - reader.next : 0;
  reader.next += lost;
  notice_all(reader, call);
  std::string text;
  append_event(text, "hello", reader.next,
               {{"seq", reader.next},
                {"space", call.space.name()},
                {"clock", clock_json(call.space.clock)},
                {"version", version()},
                {"started_at", iso_time(call.mock.started_at())},
                {"lost", lost}});
  return text;
}

// The sessions that the rows name, without repeats, and whether others changed.
Json changed_sessions(const Json& rows, std::uint64_t more) {
  Json changed = Json::array();
  for (const Json& row : rows) {
    if (row["provider"].is_null() || row["session_id"].is_null()) continue;
    Json session = {{"provider", row["provider"]}, {"id", row["session_id"]}};
    if (std::ranges::find(changed, session) == changed.end()) changed.push_back(session);
  }
  return {{"changed", std::move(changed)}, {"more", more}};
}

void append_requests(std::string& text, Reader& reader, AdminCall& call) {
  const Journal& journal = call.space.journal;
  const std::uint64_t from = reader.next;
  const std::uint64_t to = journal.recorded();
  const std::uint64_t shown = std::min({to - from, kMaxRows, journal.size()});
  Json rows = Json::array();
  for (std::size_t i = journal.size() - shown; i < journal.size(); ++i) {
    rows.push_back(row_of(journal.entry(i)));
  }
  reader.next = to;
  const std::uint64_t more = to - from - shown;
  const Json sessions = changed_sessions(rows, more);
  append_event(text, "requests", to,
               {{"from", from}, {"to", to}, {"rows", std::move(rows)}, {"more", more}});
  if (!sessions["changed"].empty()) append_event(text, "sessions", to, sessions);
}

// What is new since the last write; empty when nothing is.
std::string news(Reader& reader, AdminCall& call) {
  Space& space = call.space;
  if (space.order != reader.space) {
    reader.next = 0;
    return hello(reader, call);
  }
  std::string text;
  if (space.journal.clears() != reader.clears) {
    reader.clears = space.journal.clears();
    reader.next = std::max(reader.next, first_kept(space.journal));
    append_event(text, "cleared", reader.next, Json::object());
  }
  if (!(space.clock == reader.clock)) {
    reader.clock = space.clock;
    append_event(text, "clock", reader.next, clock_json(space.clock));
  }
  if (const auto print = space.faults.fingerprint(); print != reader.faults) {
    reader.faults = print;
    append_event(text, "faults", reader.next, {{"scripts", space.faults.scripts().size()}});
  }
  if (const auto changes = session_changes(space); changes != reader.sessions) {
    const std::uint64_t more = changes - reader.sessions;
    reader.sessions = changes;
    append_event(text, "sessions", reader.next, {{"changed", Json::array()}, {"more", more}});
  }
  if (const auto changes = call.mock.spaces().changes(); changes != reader.spaces) {
    reader.spaces = changes;
    append_event(text, "space", reader.next, {{"spaces", call.mock.spaces().size()}});
  }
  if (space.journal.recorded() > reader.next) append_requests(text, reader, call);
  return text;
}

// Where a reader goes on: a browser that lost its connection says so in a header.
std::uint64_t wanted_start(const AdminCall& call) {
  const std::string* last = call.request.header("Last-Event-ID");
  const std::string query = last == nullptr ? std::string(call.query) : "since=" + *last;
  return number_in<std::uint64_t>(query, "since", 0, INT64_MAX)
      .value_or(call.space.journal.recorded());
}

Answer events(Piece piece, std::string text) {
  return {.http_status = 200,
          .headers = {{"Content-Type", "text/event-stream"}},
          .body = std::move(text),
          .piece = piece};
}

Answer begin(AdminCall& call, std::int64_t now) {
  const std::uint64_t start = wanted_start(call);
  const auto seconds = number_in<double>(call.query, "timeout", 0, 3600);
  if (call.request.method == "HEAD") return events(Piece::whole, "");
  if (call.mock.readers() >= kMaxReaders) {
    Answer answer = admin_error(503, "too_many_readers",
                                "16 readers follow events already; close one of their pages");
    answer.headers.push_back({"Retry-After", "5"});
    return answer;
  }
  auto reader = std::make_unique<Reader>(call.mock.readers());
  reader->next = start;
  reader->written_at = now;
  if (seconds) reader->ends_at = now + milliseconds_from_seconds(*seconds);
  std::string text = "retry: 1000\n\n" + hello(*reader, call);
  call.state.pending = std::move(reader);
  return events(Piece::first, std::move(text));
}

}  // namespace

Answer follow_events(AdminCall& call) {
  if (!call.mock.options().dashboard) {
    throw BadRequest("", "the mock was started without its page and its events", 404);
  }
  const std::int64_t now = monotonic_now();
  if (call.state.pending == nullptr) return begin(call, now);
  auto& reader = static_cast<Reader&>(*call.state.pending);
  const bool is_over = reader.ends_at && now >= *reader.ends_at;
  const std::int64_t end = reader.ends_at.value_or(INT64_MAX);
  if (!is_over && now < reader.written_at + kMinInterval) {
    call.wait_until = std::min(reader.written_at + kMinInterval, end);
    call.wait_for_change = false;
    return {};
  }
  std::string text = news(reader, call);
  const std::int64_t ping = reader.written_at + kPingInterval;
  if (text.empty() && !is_over && now < ping) {
    call.wait_until = std::min(ping, end);
    return {};
  }
  reader.written_at = now;
  if (text.empty()) text = ": ping\n\n";
  return events(is_over ? Piece::last : Piece::next, std::move(text));
}

}  // namespace mock

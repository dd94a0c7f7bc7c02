#include "vendors/ping/session.h"

#include <algorithm>

namespace mock {

namespace {

struct Sum {
  std::int64_t whole = INT64_MAX;  // what an int64 does not hold is its most
  std::int64_t rest = 0;           // thousandths
};

// base + (rest + rate * milliseconds) / 1000.
Sum counted(std::int64_t base, std::int64_t rest, std::int64_t rate, Time milliseconds) {
  std::int64_t whole = 0;
  std::int64_t thousandths = 0;
  if (__builtin_mul_overflow(rate / 1000, milliseconds, &whole) ||
      __builtin_mul_overflow(rate % 1000, milliseconds, &thousandths) ||
      __builtin_add_overflow(thousandths, rest, &thousandths) ||
      __builtin_add_overflow(whole, thousandths / 1000, &whole) ||
      __builtin_add_overflow(whole, base, &whole)) {
    return {};
  }
  return {.whole = whole, .rest = thousandths % 1000};
}

// Counts up to `then`; the rests are left at `rests`.
PingCounters count(const PingSession& session, Time then, PingRests& rests) {
  PingCounters counters{session.duration, session.uploaded_bytes, session.downloaded_bytes};
  rests = session.rests;
  if (!session.counts()) return counters;
  const Time connected = std::max<Time>(
      0, session.timeline.time_in_until("connected", then) - session.connected_before);
  const auto add = [connected](std::optional<std::int64_t>& counter, std::int64_t& rest,
                               std::optional<std::int64_t> rate) {
    if (!rate) return;
    const Sum sum = counted(counter.value_or(0), rest, *rate, connected);
    counter = sum.whole;
    rest = sum.rest;
  };
  add(counters.duration, rests.duration, 1);
  add(counters.uploaded_bytes, rests.uploaded_bytes, session.upload_rate);
  add(counters.downloaded_bytes, rests.downloaded_bytes, session.download_rate);
  return counters;
}

// Takes what was counted so far into the counts themselves, so that a new rate or a new count holds
// from now on and not from the start.
void settle(PingSession& session, Time now) {
  session.timeline.at(now);
  PingRests rests;
  const PingCounters counters = count(session, now, rests);
  session.rests = rests;
  session.duration = counters.duration;
  session.uploaded_bytes = counters.uploaded_bytes;
  session.downloaded_bytes = counters.downloaded_bytes;
  session.connected_before = session.timeline.time_in("connected", now);
}

}  // namespace

PingCounters ping_counters_at(PingSession& session, Time now) {
  session.timeline.at(now);
  return ping_counters_then(session, now);
}

PingCounters ping_counters_then(const PingSession& session, Time then) {
  PingRests rests;
  return count(session, then, rests);
}

void ping_set_paused(PingSession& session, bool paused, Time now) {
  settle(session, now);
  session.paused = paused;
}

void ping_read_session(PingSession& session, Members& members, Time now) {
  settle(session, now);
  if (auto client = members.optional_string("client_id")) session.client_id = std::move(*client);
  if (const auto is = members.optional_boolean("reusable")) session.reusable = *is;
  if (const auto is = members.optional_boolean("paused")) session.paused = *is;
  const auto status = members.optional_string("status_while_paused");
  if (members.has("status_while_paused")) session.status_while_paused = status;
  const auto change_count = [&](const char* name, std::optional<std::int64_t>& field,
                                std::int64_t& rest) {
    const auto value = members.optional_integer(name);
    if (!members.has(name)) return;
    field = value;
    rest = 0;
  };
  const auto change_rate = [&](const char* name, std::optional<std::int64_t>& field) {
    const auto value = members.optional_integer(name);
    if (value && *value < 0) throw BadRequest(members.path_of(name), "must not be negative");
    if (members.has(name)) field = value;
  };
  change_count("duration", session.duration, session.rests.duration);
  change_count("uploaded_bytes", session.uploaded_bytes, session.rests.uploaded_bytes);
  change_count("downloaded_bytes", session.downloaded_bytes, session.rests.downloaded_bytes);
  change_rate("upload_rate", session.upload_rate);
  change_rate("download_rate", session.download_rate);
}

void ping_show_session(PingSession& session, Json& json, Time now) {
  const PingCounters counters = ping_counters_at(session, now);
  json["client_id"] = session.client_id;
  if (session.reusable) json["reusable"] = true;
  if (session.paused) json["paused"] = true;
  if (session.status_while_paused) json["status_while_paused"] = *session.status_while_paused;
  const auto add = [&](const char* name, std::optional<std::int64_t> value) {
    if (value) json[name] = *value;
  };
  add("duration", counters.duration);
  add("uploaded_bytes", counters.uploaded_bytes);
  add("downloaded_bytes", counters.downloaded_bytes);
  add("upload_rate", session.upload_rate);
  add("download_rate", session.download_rate);
}

}  // namespace mock

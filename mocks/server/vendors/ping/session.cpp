#include "vendors/ping/session.h"

#include <algorithm>

namespace mock {

namespace {

// base + rate * milliseconds / 1000, rounded down, never past what an int64 holds.
std::int64_t counted(std::int64_t base, std::int64_t rate, Time milliseconds) {
  std::int64_t whole = 0;
  std::int64_t rest = 0;
  std::int64_t total = 0;
  if (__builtin_mul_overflow(rate / 1000, milliseconds, &whole)) return INT64_MAX;
  if (__builtin_mul_overflow(rate % 1000, milliseconds, &rest)) return INT64_MAX;
  if (__builtin_add_overflow(whole, rest / 1000, &total)) return INT64_MAX;
  if (__builtin_add_overflow(total, base, &total)) return INT64_MAX;
  return total;
}

// Takes what was counted so far into the counts themselves, so that a new rate or a new count holds
// from now on and not from the start.
void settle(PingSession& session, Time now) {
  const PingCounters counters = ping_counters_at(session, now);
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
  PingCounters counters{session.duration, session.uploaded_bytes, session.downloaded_bytes};
  if (!session.counts()) return counters;
  const Time connected = std::max<Time>(
      0, session.timeline.time_in_until("connected", then) - session.connected_before);
  counters.duration = counted(session.duration.value_or(0), 1, connected);
  if (session.upload_rate) {
    counters.uploaded_bytes =
        counted(session.uploaded_bytes.value_or(0), *session.upload_rate, connected);
  }
  if (session.download_rate) {
    counters.downloaded_bytes =
        counted(session.downloaded_bytes.value_or(0), *session.download_rate, connected);
  }
  return counters;
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
  const auto change = [&](const char* name, std::optional<std::int64_t>& field, bool rate) {
    const auto value = members.optional_integer(name);
    if (rate && value && *value < 0)
      throw BadRequest(members.path_of(name), "must not be negative");
    if (members.has(name)) field = value;
  };
  change("duration", session.duration, false);
  change("uploaded_bytes", session.uploaded_bytes, false);
  change("downloaded_bytes", session.downloaded_bytes, false);
  change("upload_rate", session.upload_rate, true);
  change("download_rate", session.download_rate, true);
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

// A session of Ping's: what it has carried, and whether it is paused.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "sandbox/session.h"
#include "values/json.h"

namespace mock {

/// What a settled count leaves out: thousandths of a byte or of a second.
struct PingRests {
  std::int64_t duration = 0;
  std::int64_t uploaded_bytes = 0;
  std::int64_t downloaded_bytes = 0;
};

struct PingSession : Session {
  using Session::Session;
  std::unique_ptr<Session> clone() const override { return std::make_unique<PingSession>(*this); }
  std::size_t bytes() const override {
    return Session::bytes() + client_id.size() + status_while_paused.value_or("").size();
  }

  std::string client_id;
  bool reusable = false;
  bool paused = false;
  // What the status is meanwhile, which no source says; nothing: 501.
  std::optional<std::string> status_while_paused;
  // What was counted before the clock took over, or all there is when no rate is set.
  std::optional<std::int64_t> duration;
  std::optional<std::int64_t> uploaded_bytes;
  std::optional<std::int64_t> downloaded_bytes;
  // Bytes a second while connected; set, the clock counts.
  std::optional<std::int64_t> upload_rate;
  std::optional<std::int64_t> download_rate;

  Time connected_before = 0;  // milliseconds connected that the counts above already hold
  PingRests rests;            // of the counts above

  bool counts() const { return (upload_rate || download_rate) && !paused; }
};

struct PingCounters {
  std::optional<std::int64_t> duration;
  std::optional<std::int64_t> uploaded_bytes;
  std::optional<std::int64_t> downloaded_bytes;
};

PingCounters ping_counters_at(PingSession& session, Time now);

/// The same at a time that may lie in the past, as far as the session still knows.
PingCounters ping_counters_then(const PingSession& session, Time then);

/// Pauses it or lets it run on. What it carries meanwhile is not counted.
void ping_set_paused(PingSession& session, bool paused, Time now);

/// As Vendor::read() and Vendor::show().
void ping_read_session(PingSession& session, Members& members, Time now);
void ping_show_session(PingSession& session, Json& json, Time now);

}  // namespace mock

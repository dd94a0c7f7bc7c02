#include "vendors/eliza/session.h"

#include <algorithm>

#include "vendors/eliza/javascript.h"

namespace mock {

namespace {

Time minutes(double count) { return milliseconds_from_seconds(count * 60.0); }

// A number that is whole is written without a fraction, as JavaScript writes it.
Json number(double value) {
  const bool whole = value == static_cast<double>(static_cast<std::int64_t>(
                                  std::clamp(value, -9007199254740992.0, 9007199254740992.0)));
  return whole ? Json(static_cast<std::int64_t>(value)) : Json(value);
}

void append_member(std::string& json, std::string_view name, std::string_view text) {
  json.append(json.empty() ? "{\"" : ",\"").append(name).append("\":");
  append_quoted(json, text);
}

void append_raw(std::string& json, std::string_view name, std::string_view text) {
  json.append(",\"").append(name).append("\":").append(text);
}

Time by_timeout(const ElizaSession& session, Time base) {
  return base + minutes(session.timeout_config.timeout_minutes);
}

Time by_duration(const ElizaSession& session) {
  return session.created_at + minutes(session.timeout_config.max_duration_minutes);
}

Time base_of(const ElizaSession& session) {
  return renews_itself(session) ? session.last_activity : session.created_at;
}

// Within the calendar: a timeout of 1e300 minutes is allowed.
void schedule(ElizaSession& session, Time expiry) {
  session.scheduled_expiry = std::clamp(expiry, kEarliest, kLatest);
}

void schedule_from(ElizaSession& session, Time base) {
  schedule(session, std::min(by_timeout(session, base), by_duration(session)));
}

}  // namespace

void schedule_expiry(ElizaSession& session) { schedule_from(session, base_of(session)); }

void schedule_expiry_as_server(ElizaSession& session, Time now) {
  const bool is_past = by_timeout(session, now) > by_duration(session);
  schedule(session, is_past ? by_duration(session) : by_timeout(session, base_of(session)));
}

Time expires_at(ElizaSession& session, Time now) {
  const Timeline::Period& period = session.timeline.at(now);
  const bool revived = period.state == "active" && session.timeline.periods().size() > 1;
  if (revived && period.from >= session.scheduled_expiry) schedule_from(session, period.from);
  if (period.state != "expired") return session.scheduled_expiry;
  return std::min(session.scheduled_expiry, period.from);
}

std::size_t ElizaSession::bytes() const {
  std::size_t of_messages = 0;
  for (const ElizaMessage& message : messages) of_messages += bytes_of(message);
  return Session::bytes() + of_messages + agent_id.size() + user_id.size() + channel_id.size() +
         memory_of(metadata) + memory_of(timeout_config.auto_renew) +
         memory_of(first_timeout_config.auto_renew);
}

bool renews_itself(const ElizaSession& session) {
  return javascript::is_true(session.timeout_config.auto_renew);
}

bool is_at_maximum_duration(const ElizaSession& session, Time now) {
  return now >= by_duration(session);
}

bool is_expired(ElizaSession& session, Time now) { return expires_at(session, now) <= now; }

Time time_remaining(ElizaSession& session, Time now) {
  return std::max<Time>(0, expires_at(session, now) - now);
}

bool is_near_expiration(ElizaSession& session, Time now) {
  const Time remaining = time_remaining(session, now);
  return remaining > 0 && remaining <= minutes(session.timeout_config.warning_threshold_minutes);
}

void renew(ElizaSession& session, Time now) {
  session.last_activity = now;
  ++session.renewal_count;
  schedule_from(session, now);
}

Json to_json(const TimeoutConfig& config) {
  return {{"timeoutMinutes", number(config.timeout_minutes)},
          {"autoRenew", config.auto_renew},
          {"maxDurationMinutes", number(config.max_duration_minutes)},
          {"warningThresholdMinutes", number(config.warning_threshold_minutes)}};
}

std::string session_info(ElizaSession& session, Time now, bool as_server) {
  std::string json;
  append_member(json, "sessionId", session.id);
  if (as_server) append_member(json, "channelId", session.channel_id);
  append_member(json, "agentId", session.agent_id);
  append_member(json, "userId", session.user_id);
  if (!as_server) append_member(json, "channelId", session.channel_id);
  append_member(json, "createdAt", iso_time(session.created_at));
  append_member(json, "lastActivity", iso_time(session.last_activity));
  if (as_server) append_raw(json, "metadata", to_text(session.metadata));
  append_member(json, "expiresAt", iso_time(expires_at(session, now)));
  if (!as_server) append_raw(json, "metadata", to_text(session.metadata));
  append_raw(json, "timeoutConfig", to_text(to_json(session.timeout_config)));
  append_raw(json, "renewalCount", std::to_string(session.renewal_count));
  append_raw(json, "timeRemaining", std::to_string(time_remaining(session, now)));
  append_raw(json, "isNearExpiration", is_near_expiration(session, now) ? "true" : "false");
  return json += '}';
}

}  // namespace mock

#include "eliza_session.h"

#include <algorithm>

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

// Within the maximum duration, and within the calendar: a timeout of 1e300 minutes is allowed.
void schedule_from(ElizaSession& session, Time base) {
  const TimeoutConfig& config = session.timeout_config;
  const Time by_timeout = base + minutes(config.timeout_minutes);
  const Time by_duration = session.created_at + minutes(config.max_duration_minutes);
  session.scheduled_expiry = std::clamp(std::min(by_timeout, by_duration), kEarliest, kLatest);
}

}  // namespace

void schedule_expiry(ElizaSession& session) {
  const bool by_activity = session.timeout_config.auto_renew;
  schedule_from(session, by_activity ? session.last_activity : session.created_at);
}

Time expires_at(ElizaSession& session, Time now) {
  const Timeline::Stretch& stretch = session.timeline.at(now);
  const bool revived = stretch.state == "active" && session.timeline.stretches().size() > 1;
  if (revived && stretch.from >= session.scheduled_expiry) schedule_from(session, stretch.from);
  if (stretch.state != "expired") return session.scheduled_expiry;
  return std::min(session.scheduled_expiry, stretch.from);
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

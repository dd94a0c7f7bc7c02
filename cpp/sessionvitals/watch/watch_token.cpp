#include "sessionvitals/watch/watch_token.h"

#include <cmath>
#include <cstdint>

#include "sessionvitals/providers/reading/json.h"
#include "sessionvitals/values/utf8.h"

namespace sessionvitals {

namespace {

using providers::JsonType;
using providers::JsonValue;

constexpr std::int64_t kVersion = 1;
constexpr double kMaxExpiry = 1e9;  // seconds

constexpr SessionState kStates[] = {
    SessionState::active,    SessionState::pending, SessionState::ended,  SessionState::expired,
    SessionState::not_found, SessionState::denied,  SessionState::unknown};

// A token as it is read: what is wrong is remembered, as visit_object() stops without a word.
struct Reading {
  WatchToken token;
  std::optional<std::int64_t> version;
  std::string kind;
  bool has_time = false;
  bool has_sessions = false;
  bool is_wrong = false;
};

void read_session_member(void* target, std::string_view name, const JsonValue& value) {
  auto& reading = *static_cast<Reading*>(target);
  WatchTokenSession& session = reading.token.sessions.back();
  if (value.type == JsonType::null) return;
  if (name == "state") {
    std::string word;
    bool is_known = false;
    if (value.read(word)) {
      for (const SessionState state : kStates) {
        if (state_name(state) != word) continue;
        session.state = state;
        is_known = true;
      }
    }
    reading.is_wrong = reading.is_wrong || !is_known;
  } else if (name == "theirs") {
    reading.is_wrong = reading.is_wrong || !value.read(session.theirs);
  } else if (name == "expires_in") {
    double seconds = 0;
    const bool is_number = value.read(seconds) && std::abs(seconds) <= kMaxExpiry;
    if (is_number) session.expires_in = seconds;
    reading.is_wrong = reading.is_wrong || !is_number;
  }
}

void read_session(void* target, std::string_view name, const JsonValue& value) {
  auto& reading = *static_cast<Reading*>(target);
  reading.token.sessions.push_back(
      {.id = std::string(name), .state = {}, .theirs = {}, .expires_in = {}});
  if (value.type != JsonType::object || name.empty()) reading.is_wrong = true;
  providers::visit_object(value.json, target, read_session_member);
}

void read_member(void* target, std::string_view name, const JsonValue& value) {
  auto& reading = *static_cast<Reading*>(target);
  if (name == "v") {
    std::int64_t version = 0;
    if (value.read(version)) reading.version = version;
  } else if (name == "kind") {
    value.read(reading.kind);
  } else if (name == "provider") {
    value.read(reading.token.provider);
  } else if (name == "origin") {
    value.read(reading.token.origin);
  } else if (name == "at") {
    reading.has_time = value.read(reading.token.at);
  } else if (name == "sessions" && value.type == JsonType::object) {
    reading.has_sessions = true;
    providers::visit_object(value.json, target, read_session);
  }
}

// JSON cannot hold all that a vendor may have said, and one word must not cost the token: the
// session then counts as changed where the watch goes on.
std::string_view writable(std::string_view theirs) {
  return is_utf8(theirs) && theirs.find('\0') == theirs.npos ? theirs : std::string_view();
}

Error refuse(std::string why) {
  return {ErrorKind::configuration_error, "resume " + std::move(why)};
}

}  // namespace

std::string write_watch_token(const WatchToken& token) {
  providers::JsonWriter writer;
  writer.begin_object();
  writer.write_name("v");
  writer.write(kVersion);
  const auto text = [&](std::string_view name, std::string_view value) {
    writer.write_name(name);
    writer.write(value);
  };
  text("kind", "watch");
  text("provider", token.provider);
  text("origin", token.origin);
  text("at", format_timestamp(token.at));
  writer.write_name("sessions");
  writer.begin_object();
  for (const WatchTokenSession& session : token.sessions) {
    writer.write_name(session.id);
    writer.begin_object();
    writer.write_name("state");
    session.state ? writer.write(state_name(*session.state)) : writer.write_null();
    text("theirs", writable(session.theirs));
    writer.write_name("expires_in");
    session.expires_in ? writer.write(*session.expires_in) : writer.write_null();
    writer.end_object();
  }
  writer.end_object();
  writer.write_name("last_event_id");
  writer.write_null();
  writer.end_object();
  auto written = std::move(writer).finish();
  return written ? *std::move(written) : std::string();
}

Result<WatchToken> read_watch_token(const std::string& text, const std::string& provider,
                                    const std::string& origin) {
  // Whether it is JSON at all, as visit_object() does not say.
  std::vector<JsonText> listed;
  Reading reading;
  const bool is_json =
      !providers::read_json("[" + text + "]", listed, text.size() + 2) && listed.size() == 1;
  if (is_json) providers::visit_object(text, &reading, read_member);
  if (!is_json || reading.kind != "watch" || !reading.version) {
    return refuse("is no token of a watch: pass what token() has returned, whole.");
  }
  if (*reading.version != kVersion) {
    return refuse("is a token of version " + std::to_string(*reading.version) +
                  ", and this library reads version 1: use the library that has written it.");
  }
  if (reading.token.provider != provider) {
    return refuse("is a token of a watch of another provider's sessions, not of " + provider +
                  "'s.");
  }
  if (reading.token.origin != origin) {
    return refuse("is a token of a watch at another base URL than " + origin + ".");
  }
  if (reading.is_wrong || !reading.has_time || !reading.has_sessions) {
    return refuse("is a token that is damaged: pass what token() has returned, whole.");
  }
  return std::move(reading.token);
}

}  // namespace sessionvitals

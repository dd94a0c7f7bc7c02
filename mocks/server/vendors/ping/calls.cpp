#include "vendors/ping/calls.h"

#include <algorithm>

#include "sandbox/space.h"
#include "vendors/ping/answers.h"
#include "vendors/ping/ping.h"
#include "vendors/ping/rules.h"
#include "vendors/ping/session.h"

namespace mock {

using namespace ping_rules;

namespace {

PingSession* find(const Call& call) {
  return static_cast<PingSession*>(call.space.sessions(*ping()).find(call.id));
}

Answer no_session() { return ping_error(404, "not_found", "Session not found", kUnknown); }

Answer bad_input(const std::string& message) {
  return ping_error(400, "invalid_input", message, kBadBody);
}

Answer set_paused(Call& call, bool paused) {
  PingSession* session = find(call);
  if (session == nullptr) return no_session();
  if (!session->reusable) {
    return ping_error(400, "invalid_input", "Session is not reusable", kNotPausable);
  }
  if (session->paused == paused) {
    const std::string_view state = paused ? "Session is already paused" : "Session is not paused";
    return ping_error(400, "invalid_input", state, kNotPausable);
  }
  ping_set_paused(*session, paused, call.now);
  return ping_json(200, {{"session_id", session->id}, {"paused", paused}}, *call.route.rule);
}

}  // namespace

Answer ping_status(Call& call) {
  PingSession* session = find(call);
  if (session == nullptr) return no_session();
  if (session->paused && !session->status_while_paused) {
    return ping_unknown(kPausedStatus, "seed the session with status_while_paused");
  }
  // As text, as this is the call that a client's load is made of.
  std::string json;
  json.reserve(256);
  json = R"({"client_id":)";
  append_quoted(json, session->client_id, true);
  json += R"(,"status":)";
  append_quoted(
      json, session->paused ? *session->status_while_paused : session->timeline.at(call.now).state,
      true);
  const auto add = [&](std::string_view name, std::optional<std::int64_t> value) {
    if (value) json.append(name).append(std::to_string(*value));
  };
  const PingCounters counters = ping_counters_at(*session, call.now);
  add(R"(,"duration":)", counters.duration);
  add(R"(,"uploaded_bytes":)", counters.uploaded_bytes);
  add(R"(,"downloaded_bytes":)", counters.downloaded_bytes);
  json += '}';
  session->timeline.count_read(call.now);
  return ping_text(200, std::move(json), *call.route.rule);
}

Answer ping_zones(Call& call) {
  return ping_json(200, {{"zones", zones_of(call.space.account)}}, *call.route.rule);
}

Answer ping_create(Call& call) {
  const auto body = ping_body(call);
  if (!body) return bad_input("The body is not a JSON object");
  for (const char* name : {"client_id", "connection_type", "zone"}) {
    const auto found = body->find(name);
    if (found == body->end() || !found->is_string() || found->get_ref<const std::string&>().empty())
      return bad_input(std::string(name) + " is required");
  }
  if ((*body)["connection_type"] != "vless") return bad_input("connection_type must be vless");
  const Json reusable = body->value("reusable", Json(false));
  if (!reusable.is_boolean()) return bad_input("reusable must be a boolean");
  const std::string code = (*body)["zone"];
  const auto& zones = call.space.account.zones;
  const auto zone = std::ranges::find(zones, code, &PingZone::code);
  if (zone == zones.end()) return ping_error(404, "not_found", "Zone not found", kNoZone);
  if (!zone->has_active_nodes) {
    return ping_unknown(kIdleZone, "seed the zone with has_active_nodes true");
  }

  auto session =
      std::make_unique<PingSession>(call.random.uuid(), Timeline(call.now, "created", {}));
  session->client_id = (*body)["client_id"];
  session->reusable = reusable;
  // It leads to nowhere, and says so.
  const std::string link = "vless://mock@127.0.0.1:1/" + session->id;
  const Json answer = {{"id", session->id},
                       {"connection_type", "vless"},
                       {"zone", code},
                       {"configuration", Json::object()},
                       {"configuration_link", link},
                       {"reusable", session->reusable},
                       {"created_at", iso_time(call.now)}};
  call.space.sessions(*ping()).put(std::move(session));
  return ping_json(201, answer, *call.route.rule);
}

Answer ping_pause(Call& call) { return set_paused(call, true); }
Answer ping_resume(Call& call) { return set_paused(call, false); }

}  // namespace mock

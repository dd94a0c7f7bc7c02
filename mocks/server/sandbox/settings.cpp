#include "sandbox/settings.h"

namespace mock {

std::vector<std::string_view> secrets_in(const Keys& keys) {
  std::vector<std::string_view> secrets;
  secrets.reserve(keys.accepted.size() + 2);  // and one that a caller adds
  secrets.push_back(keys.tiun_production);
  for (const auto& [provider, key] : keys.accepted) {
    if (key) secrets.push_back(*key);
  }
  return secrets;
}

Json to_json(const Keys& keys) {
  Json json = Json::object();
  for (const auto& [provider, key] : keys.accepted) {
    json[provider] = key ? Json(*key) : Json(nullptr);
  }
  json["tiun_production"] = keys.tiun_production;
  return json;
}

Json to_json(const Dialect& dialect) {
  return {
      {"tiun", dialect.tiun},
      {"tiun_problem_json", dialect.tiun_problem_json},
      {"ping", dialect.ping},
      {"ping_heartbeat_every", static_cast<double>(dialect.ping_heartbeat_every) / 1000.0},
      {"ping_event_ids", dialect.ping_event_ids},
      {"ping_retry", dialect.ping_retry ? Json(static_cast<double>(*dialect.ping_retry) / 1000.0)
                                        : Json(nullptr)},
      {"eliza", dialect.eliza},
      {"eliza_clean_up", dialect.eliza_clean_up},
      {"eliza_agents", dialect.eliza_agents ? Json(*dialect.eliza_agents) : Json(nullptr)}};
}

Json to_json(const Agent& agent) {
  return {{"reply", agent.reply ? Json(*agent.reply) : Json(nullptr)},
          {"reply_after", static_cast<double>(agent.reply_after) / 1000.0},
          {"error", agent.error.empty() ? Json(nullptr) : Json(agent.error)}};
}

void change(Keys& keys, const Json& json, const std::string& path) {
  Members members(json, path);
  Keys changed = keys;
  for (auto& [provider, key] : changed.accepted) {
    if (!members.has(provider)) continue;
    key = members.optional_string(provider);
    if (key && key->empty()) throw BadRequest(members.path_of(provider), "must not be empty");
  }
  for (const auto& [provider, key] : changed.accepted) members.any(provider);
  if (const auto key = members.optional_string("tiun_production")) changed.tiun_production = *key;
  members.refuse_others();
  keys = std::move(changed);
}

void change(Dialect& dialect, const Json& json, const std::string& path) {
  Members members(json, path);
  Dialect changed = dialect;
  if (members.has("tiun")) changed.tiun = members.word("tiun", {"seed", "vendor", "both"});
  if (const auto on = members.optional_boolean("tiun_problem_json")) {
    changed.tiun_problem_json = *on;
  }
  if (members.has("ping")) changed.ping = members.word("ping", {"raw", "bearer", "both"});
  if (const auto every = members.optional_number("ping_heartbeat_every")) {
    if (*every < 0)
      throw BadRequest(members.path_of("ping_heartbeat_every"), "must not be negative");
    changed.ping_heartbeat_every = milliseconds_from_seconds(*every);
  }
  if (const auto on = members.optional_boolean("ping_event_ids")) changed.ping_event_ids = *on;
  const auto retry = members.optional_number("ping_retry");
  if (retry && *retry < 0) throw BadRequest(members.path_of("ping_retry"), "must not be negative");
  if (retry) changed.ping_retry = milliseconds_from_seconds(*retry);
  if (members.has("ping_retry") && !retry) changed.ping_retry.reset();
  if (members.has("eliza")) changed.eliza = members.word("eliza", {"seed", "server"});
  if (const auto on = members.optional_boolean("eliza_clean_up")) changed.eliza_clean_up = *on;
  if (members.has("eliza_agents")) {
    changed.eliza_agents.reset();
    if (const Json* agents = members.any("eliza_agents"); !agents->is_null()) {
      changed.eliza_agents.emplace();
      const std::string where = members.path_of("eliza_agents");
      if (!agents->is_array()) throw BadRequest(where, "must be an array of strings or null");
      for (const Json& agent : *agents) {
        if (!agent.is_string()) throw BadRequest(where, "must hold strings only");
        changed.eliza_agents->push_back(agent.get<std::string>());
      }
    }
  }
  for (const char* name : {"tiun", "ping", "eliza"}) members.any(name);
  members.refuse_others();
  dialect = std::move(changed);
}

void change(Agent& agent, const Json& json, const std::string& path) {
  Members members(json, path);
  Agent changed = agent;
  if (members.has("reply")) changed.reply = members.optional_string("reply");
  if (const auto seconds = members.optional_number("reply_after")) {
    if (*seconds < 0) throw BadRequest(members.path_of("reply_after"), "must not be negative");
    changed.reply_after = milliseconds_from_seconds(*seconds);
  }
  if (members.has("error")) changed.error = members.optional_string("error").value_or("");
  for (const char* name : {"reply", "error"}) members.any(name);
  members.refuse_others();
  agent = std::move(changed);
}

}  // namespace mock

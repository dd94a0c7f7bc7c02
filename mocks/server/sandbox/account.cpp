#include "sandbox/account.h"

#include <algorithm>
#include <array>

namespace mock {

namespace {

// Those of a client first: the others have the first four.
constexpr std::array<std::string_view, 6> kNames{"downloaded_bytes", "uploaded_bytes",
                                                 "download_speed",   "upload_speed",
                                                 "max_sessions",     "max_reconnections"};
constexpr std::array<std::string_view, 3> kScopes{"global", "client", "session"};

std::string place(const std::string& path, std::size_t index) {
  return path + "[" + std::to_string(index) + "]";
}

std::vector<PingZone> read_zones(const Json& list, const std::string& path) {
  std::vector<PingZone> zones;
  for (const Json& json : list) {
    Members members(json, place(path, zones.size()));
    PingZone zone;
    zone.code = members.string("code");
    zone.name = members.optional_string("name").value_or(zone.code);
    zone.has_active_nodes = members.optional_boolean("has_active_nodes").value_or(true);
    members.refuse_others();
    if (std::ranges::find(zones, zone.code, &PingZone::code) != zones.end()) {
      throw BadRequest(members.path_of("code"), "is another zone's");
    }
    zones.push_back(std::move(zone));
  }
  return zones;
}

PingLimits read_limits(std::string_view scope, const Json& json, const std::string& path,
                       Time now) {
  Members members(json, path);
  PingLimits limits{.values = {}, .created_at = now, .updated_at = now};
  for (const std::string_view name : limit_names(scope)) {
    const auto value = members.optional_integer(name);
    if (value && *value < 0) throw BadRequest(members.path_of(name), "must not be negative");
    if (value) limits.values.emplace(name, *value);
  }
  members.refuse_others();
  return limits;
}

void change_ping(Account& account, const Json& json, const std::string& path, Time now) {
  Members members(json, path);
  if (const Json* zones = members.array("zones")) {
    account.zones = read_zones(*zones, members.path_of("zones"));
  }
  if (const Json* all = members.object("limits")) {
    Members scopes(*all, members.path_of("limits"));
    for (const std::string_view scope : kScopes) {
      if (!scopes.has(scope)) continue;
      account.limits.erase(std::string(scope));
      const Json* limits = scopes.any(scope);
      if (limits->is_null()) continue;
      account.limits.emplace(scope, read_limits(scope, *limits, scopes.path_of(scope), now));
    }
    for (const std::string_view scope : kScopes) scopes.any(scope);
    scopes.refuse_others();
  }
  members.refuse_others();
}

std::map<std::string, TiunUser, std::less<>> read_users(const Json& list, const std::string& path) {
  std::map<std::string, TiunUser, std::less<>> users;
  for (const Json& json : list) {
    Members members(json, place(path, users.size()));
    TiunUser user;
    std::string id = members.string("user_id");
    user.email = members.optional_string("email");
    if (const Json* access = members.any("product_access")) user.product_access = *access;
    if (const Json* tokens = members.array("tokens")) {
      for (const Json& token : *tokens) {
        if (!token.is_string()) throw BadRequest(members.path_of("tokens"), "must hold strings");
        user.tokens.push_back(token);
      }
    }
    members.refuse_others();
    if (!users.emplace(std::move(id), std::move(user)).second) {
      throw BadRequest(members.path_of("user_id"), "is another user's");
    }
  }
  return users;
}

void change_tiun(Account& account, const Json& json, const std::string& path) {
  Members members(json, path);
  if (const Json* users = members.array("users")) {
    account.users = read_users(*users, members.path_of("users"));
  }
  members.refuse_others();
}

Json values_of(const PingLimits& limits, std::string_view scope) {
  Json json = Json::object();
  for (const std::string_view name : limit_names(scope)) {
    const auto found = limits.values.find(name);
    if (found != limits.values.end()) json[std::string(name)] = found->second;
  }
  return json;
}

}  // namespace

std::span<const std::string_view> limit_names(std::string_view scope) {
  if (std::ranges::find(kScopes, scope) == kScopes.end()) return {};
  return std::span(kNames).first(scope == "client" ? 6 : 4);
}

Json zones_of(const Account& account) {
  Json zones = Json::array();
  for (const PingZone& zone : account.zones) {
    zones.push_back(
        {{"name", zone.name}, {"code", zone.code}, {"has_active_nodes", zone.has_active_nodes}});
  }
  return zones;
}

Json limits_body(std::string_view scope, const PingLimits& limits) {
  Json body = {{"id", std::string(1, scope.front()) + "l_mock"},
               {"created_at", iso_time(limits.created_at)},
               {"updated_at", iso_time(limits.updated_at)}};
  body.update(values_of(limits, scope));
  return body;
}

Json to_json(const Account& account) {
  Json limits = Json::object();
  for (const std::string_view scope : kScopes) {
    const auto found = account.limits.find(scope);
    const bool is_set = found != account.limits.end();
    limits[std::string(scope)] = is_set ? values_of(found->second, scope) : Json(nullptr);
  }
  Json users = Json::array();
  for (const auto& [id, user] : account.users) {
    users.push_back({{"user_id", id},
                     {"email", user.email ? Json(*user.email) : Json(nullptr)},
                     {"product_access", user.product_access},
                     {"tokens", user.tokens}});
  }
  return {{"ping", {{"zones", zones_of(account)}, {"limits", std::move(limits)}}},
          {"tiun", {{"users", std::move(users)}}}};
}

void change(Account& account, const Json& json, const std::string& path, Time now) {
  Members members(json, path);
  Account changed = account;
  if (const Json* ping = members.object("ping")) {
    change_ping(changed, *ping, members.path_of("ping"), now);
  }
  if (const Json* tiun = members.object("tiun")) {
    change_tiun(changed, *tiun, members.path_of("tiun"));
  }
  members.refuse_others();
  account = std::move(changed);
}

}  // namespace mock

// What the vendors know of an account besides its sessions: Ping's zones and limits, tiun's users.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "values/json.h"

namespace mock {

struct PingZone {
  std::string code;
  std::string name;
  bool has_active_nodes = true;
};

struct PingLimits {
  std::map<std::string, std::int64_t, std::less<>> values;  // by the vendor's names
  Time created_at = 0;
  Time updated_at = 0;
};

struct TiunUser {
  std::optional<std::string> email;
  Json product_access = Json::array();
  std::vector<std::string> tokens;  // that a browser of the user's can bring
};

struct Account {
  std::vector<PingZone> zones;
  std::map<std::string, PingLimits, std::less<>> limits;  // by what they are of: global, ...
  std::map<std::string, TiunUser, std::less<>> users;     // by id
};

/// As Ping's answers have them.
Json zones_of(const Account& account);
Json limits_body(std::string_view scope, const PingLimits& limits);

/// The limits that can be set for a scope; empty for one that there is not.
std::span<const std::string_view> limit_names(std::string_view scope);

Json to_json(const Account& account);

/// Changes what `json` names and leaves the rest; throws BadRequest and changes nothing when a
/// member is wrong. `path` is where the object stands in the whole input.
void change(Account& account, const Json& json, const std::string& path, Time now);

}  // namespace mock

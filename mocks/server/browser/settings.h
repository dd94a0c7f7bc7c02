// What readers do in a space's browsers, where tiun's script shows overlays: the settings of its
// imitation, and what it has handed out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "values/json.h"

namespace mock {

struct IssuedToken {
  std::string text;
  std::string user_id;
  Time expires_at;
};

struct Browser {
  bool payment_fails = false;
  Time interval = 60000;                             // that is billed as one, in milliseconds
  std::optional<std::int64_t> funds = std::nullopt;  // intervals that can be paid; nothing: all
  std::optional<Time> expires_after = std::nullopt;  // how long a session lasts at most
  std::optional<std::string> user = std::nullopt;    // who signs in; nothing: nobody

  std::uint64_t sessions_started = 0;
  std::uint64_t tokens_made = 0;
  std::vector<IssuedToken> tokens = {};
};

/// The settings alone.
Json to_json(const Browser& browser);

/// Changes what `json` names and leaves the rest; throws BadRequest and changes nothing when a
/// member is wrong. `path` is where the object stands in the whole input.
void change(Browser& browser, const Json& json, const std::string& path);

}  // namespace mock

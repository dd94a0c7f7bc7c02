// What a space can have set for itself: the keys it accepts, and which form it speaks where a
// vendor's sources disagree.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "values/json.h"

namespace mock {

/// The keys that a space accepts, by provider; nothing means that no key is asked for.
struct Keys {
  std::map<std::string, std::optional<std::string>, std::less<>> accepted;
  /// A key of tiun's other environment: refused with 401 like any other, but its answer says why.
  std::string tiun_production = "tiun-production-token";
};

/// Where the vendor's documents and its servers differ, the one to play.
struct Dialect {
  std::string tiun = "seed";       // seed: X-ACCESS-TOKEN; vendor: X-TIUN-API-KEY; both
  bool tiun_problem_json = false;  // errors come as application/problem+json, as from ASP.NET
  std::string ping = "raw";        // raw: the key alone; bearer: Bearer before it; both
  Time ping_heartbeat_every = 0;   // virtual milliseconds between a session's heartbeats; 0: none
  bool ping_event_ids = false;     // events have their id as server-sent events have one, too
  std::optional<Time> ping_retry;  // milliseconds that the stream asks its clients to wait
  std::string eliza = "seed";   // seed: flat error bodies; server: the real server's several shapes
  bool eliza_clean_up = false;  // expired sessions vanish at every fifth minute, as on the server
  std::optional<std::vector<std::string>> eliza_agents;  // known agents; nothing: every UUID is one
};

/// How elizaOS's agents reply to messages.
struct Agent {
  std::optional<std::string> reply = "ok";  // nothing: the agent never replies
  Time reply_after = 0;                     // virtual milliseconds
  std::string error = "";                   // not empty: the agent fails with it instead
};

/// Every key in `keys`; views into it.
std::vector<std::string_view> secrets_in(const Keys& keys);

Json to_json(const Keys& keys);
Json to_json(const Dialect& dialect);
Json to_json(const Agent& agent);

/// Each changes what `json` names and leaves the rest; throws BadRequest and changes nothing when a
/// member is wrong. `path` is where the object stands in the whole input.
void change(Keys& keys, const Json& json, const std::string& path);
void change(Dialect& dialect, const Json& json, const std::string& path);
void change(Agent& agent, const Json& json, const std::string& path);

}  // namespace mock

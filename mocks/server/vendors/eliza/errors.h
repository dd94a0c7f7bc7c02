// elizaOS's error bodies: the flat form of the seed, or the several shapes of the real server.
#pragma once

#include <string>
#include <string_view>

#include "values/http.h"
#include "values/json.h"

namespace mock {

/// Which part of the real server refuses; each has a shape of its own. [wire]
enum class ElizaRefusal {
  by_sessions_router,  // form A
  by_middleware,       // form B: content type, rate limit
  by_unknown_route,    // form C
  by_body_parser,      // form D
  by_authentication,   // form E
};

struct ElizaError {
  int http_status;
  std::string_view code;
  std::string message;
  ElizaRefusal by = ElizaRefusal::by_sessions_router;
  Json details = nullptr;         // in both forms, when not null
  Json seed_details = nullptr;    // in the seed's form only
  std::string seed_message = "";  // the seed's own words, when they differ
};

/// `as_server` chooses the real server's shape over the seed's.
Answer eliza_error(const ElizaError& error, const Rule& rule, bool as_server, Time now);

/// A JSON answer with the weak ETag that Express adds.
Answer eliza_json(int http_status, std::string body, const Rule& rule);

}  // namespace mock

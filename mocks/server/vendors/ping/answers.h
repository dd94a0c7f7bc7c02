// How all of Ping's answers are written. Private to vendors/ping.
#pragma once

#include "vendors/vendor.h"

namespace mock {

/// JSON as Go's encoder writes it: < > & escaped, and a line break at the end.
Answer ping_json(int http_status, const Json& body, const Rule& rule);

/// The same of a text that is such JSON already.
Answer ping_text(int http_status, std::string json, const Rule& rule);

/// The error envelope.
Answer ping_error(int http_status, std::string_view code, std::string_view message,
                  const Rule& rule);

/// For what no source says.
Answer ping_unknown(const Rule& rule, std::string reason);

/// The members of the request's body, or nothing for what is no JSON object.
std::optional<Json> ping_body(const Call& call);

}  // namespace mock

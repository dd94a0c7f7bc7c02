// Every rule by which the mock plays elizaOS, and how well each is known.
#pragma once

#include "values/http.h"

namespace mock::eliza_rules {

inline constexpr std::string_view kPage = "mocks/contracts/eliza.md";

inline constexpr Rule kInfo{"eliza: 200, SessionInfo; reading never renews", "wire", kPage};
inline constexpr Rule kNotFound{"eliza: 404, no such session", "seed", kPage};
inline constexpr Rule kExpired{"eliza: 410 is answered once, the session is gone after it", "wire",
                               kPage};
inline constexpr Rule kList{"eliza: the list shows live sessions only", "wire", kPage};
inline constexpr Rule kHealth{"eliza: /sessions/health is reserved", "wire", kPage};
inline constexpr Rule kCreated{"eliza: 201, created; a timeoutConfig out of range is clamped",
                               "wire", kPage};
inline constexpr Rule kBadCreate{"eliza: agentId, then userId must be UUIDs", "wire", kPage};
inline constexpr Rule kNoAgent{"eliza: 404, an unknown agent", "wire", kPage};
inline constexpr Rule kAgentInQuery{"eliza: 400 or 404, an agentId in the query that does not run",
                                    "wire", kPage};
inline constexpr Rule kBadMetadata{"eliza: metadata is at most 10240 characters of JSON", "wire",
                                   kPage};
inline constexpr Rule kNotStored{"eliza: a text with NUL cannot be stored", "wire", kPage};
inline constexpr Rule kRenewed{"eliza: renew works whatever autoRenew says", "wire", kPage};
inline constexpr Rule kHeartbeat{"eliza: a heartbeat renews if autoRenew, else moves lastActivity",
                                 "wire", kPage};
inline constexpr Rule kTimeout{"eliza: PATCH timeout replaces the whole config", "wire", kPage};
inline constexpr Rule kBadTimeout{
    "eliza: PATCH timeout refuses wrong types and timeouts out of 5..1440", "wire", kPage};
inline constexpr Rule kDeleted{"eliza: DELETE, an expired but stored session too", "wire", kPage};
inline constexpr Rule kContentType{"eliza: a body needs Content-Type: application/json", "wire",
                                   kPage};
inline constexpr Rule kBadBody{"eliza: a body that does not parse is always 500", "wire", kPage};
inline constexpr Rule kBadEscape{"eliza: a malformed percent escape is 500", "wire", kPage};
inline constexpr Rule kLimited{"eliza: 429, over all of /api", "wire", kPage};
inline constexpr Rule kScripted{"eliza: an error body for a scripted status", "inferred", kPage};
inline constexpr Rule kSent{"eliza: 201, the message is stored and renews the session", "wire",
                            kPage};
inline constexpr Rule kReplied{"eliza: 201 with the agent's reply, in the transport http", "wire",
                               kPage};
inline constexpr Rule kStreamed{"eliza: 200, server-sent events, in the transport sse", "wire",
                                kPage};
inline constexpr Rule kAgentFailed{"eliza: 500, the agent failed; the message is stored", "vendor",
                                   kPage};
inline constexpr Rule kBadMessage{"eliza: 400, transport, content (1..4000) or metadata", "wire",
                                  kPage};
inline constexpr Rule kMessages{"eliza: 200, a page of messages, newest first", "wire", kPage};
inline constexpr Rule kBadPage{"eliza: 400, before or after is no time", "wire", kPage};
inline constexpr Rule kWrongKey{"eliza: 401, a server with a token wants X-API-KEY", "wire", kPage};

}  // namespace mock::eliza_rules

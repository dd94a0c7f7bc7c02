// Every rule that Ping's answers follow. Private to vendors/ping.
#pragma once

#include "vendors/vendor.h"

namespace mock::ping_rules {

inline constexpr std::string_view kPage = "mocks/contracts/ping.md";

inline constexpr Rule kStatus{"ping: 200, SessionStatus", "seed", kPage};
inline constexpr Rule kUnknown{"ping: 404, session not found", "seed", kPage};
inline constexpr Rule kWrongKey{"ping: 401, the Authorization header is not the key", "seed",
                                kPage};
inline constexpr Rule kWrongScheme{"ping: 401, raw key or Bearer: the other one is asked for",
                                   "vendor", kPage};
inline constexpr Rule kLimited{"ping: 429, with the seconds until the reset in X-RateLimit-Reset",
                               "vendor", kPage};
inline constexpr Rule kScripted{"ping: the error envelope for a scripted status", "seed", kPage};
inline constexpr Rule kBadEscape{"ping: 400, a malformed percent escape in the id", "inferred",
                                 kPage};
inline constexpr Rule kZones{"ping: 200, the zones", "vendor", kPage};
inline constexpr Rule kCreated{"ping: 201, the session with its configuration", "vendor", kPage};
inline constexpr Rule kNoZone{"ping: 404, no such zone", "vendor", kPage};
inline constexpr Rule kBadBody{"ping: 400, a body that is not what is documented", "inferred",
                               kPage};
inline constexpr Rule kPaused{"ping: 200, whether the session is paused", "vendor", kPage};
inline constexpr Rule kNotPausable{"ping: 400, not reusable, or already so", "vendor", kPage};
inline constexpr Rule kLimits{"ping: 200, the limits", "vendor", kPage};
inline constexpr Rule kLimitsDeleted{"ping: 204, the limits are deleted", "vendor", kPage};
inline constexpr Rule kNoLimits{"ping: 404, no limits: nothing documented creates them", "vendor",
                                kPage};
inline constexpr Rule kPausedStatus{
    "ping: the vendor does not say what the status of a paused session is", "mock", kPage};
inline constexpr Rule kIdleZone{
    "ping: the vendor does not say what a new session in a zone without active nodes gives", "mock",
    kPage};
inline constexpr Rule kEvents{"ping: 200, server-sent events of what the sessions do", "vendor",
                              kPage};

}  // namespace mock::ping_rules

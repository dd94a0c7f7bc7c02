#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "sessionvitals/errors.h"
#include "sessionvitals/http.h"
#include "sessionvitals/timestamp.h"

/// What an answer's headers say about when to come back. Pure: whoever knows
/// the time passes it in; without it, a date or an epoch says nothing.
namespace sessionvitals {

/// Reads Retry-After: delay-seconds, or a date in any of the three forms (RFC
/// 9110 s10.2.3). A date in the past is 0; what is neither is nothing.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view value,
                                                           std::optional<Timestamp> now);

/// Reads the limit headers of Ping (X-RateLimit-Limit, -Remaining, -Reset) and
/// of elizaOS (the same without X-). A reset above 1e9 is an epoch, otherwise
/// it is the seconds until then; in the past it is 0. What is not a whole
/// number of at least 0 is nothing.
RateLimit read_rate_limit(const std::vector<Header>& headers, std::optional<Timestamp> now);

/// Returns the answer's own Date (RFC 9110 s6.6.1), if it has a right one.
std::optional<Timestamp> read_date(const std::vector<Header>& headers);

}  // namespace sessionvitals

// A point in time as the mock has it: milliseconds since 1970, and their two spellings. Pure. It
// shares nothing with the client's reading of times, so that one cannot hide the other's mistake.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mock {

/// Milliseconds since 1970-01-01T00:00:00Z.
using Time = std::int64_t;

/// The years that ISO 8601 writes with four digits; no clock and no session leaves them.
inline constexpr Time kEarliest = -62135596800000;  // 0001-01-01T00:00:00.000Z
inline constexpr Time kLatest = 253402300799999;    // 9999-12-31T23:59:59.999Z

/// "2026-01-01T00:00:00.000Z", as elizaOS writes times. [wire]
std::string iso_time(Time time);

/// "Thu, 01 Jan 2026 00:00:00 GMT" (RFC 9110 s5.6.7).
std::string http_date(Time time);

/// Reads an ISO time with Z or an offset, with or without a fraction (digits past the third are
/// dropped). Nothing when it is not one.
std::optional<Time> parse_iso_time(std::string_view text);

/// Seconds, possibly fractional, as milliseconds, held within what a Time can be.
Time milliseconds_from_seconds(double seconds);

}  // namespace mock

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

/// Points in time as the vendors write them.
namespace sessionvitals {

/// A point in time, in UTC, to the microsecond; from year 1 to year 9999.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// Reads a time of RFC 3339 s5.6: with or without a fraction (digits past the
/// sixth are dropped), with Z or an offset. Returns nothing if the text is not
/// one, has no offset, or lies outside the years that a Timestamp can hold.
std::optional<Timestamp> parse_timestamp(std::string_view text);

/// Writes "2026-01-01T00:00:00Z", with three or six fraction digits if needed.
std::string format_timestamp(Timestamp time);

/// Reads a date of RFC 9110 s5.6.7 in any of its three forms, whatever the
/// process's locale. `now` decides the century of the two-digit form.
std::optional<Timestamp> parse_http_date(std::string_view text, Timestamp now);

/// Writes "Sun, 06 Nov 1994 08:49:37 GMT", the form that RFC 9110 prefers.
std::string format_http_date(Timestamp time);

}  // namespace sessionvitals

#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

/// Where the pieces of JSON text end, and what they say (RFC 8259). Private to
/// json_reader.cpp.
namespace sessionvitals::providers {

inline bool is_json_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
inline bool is_json_digit(char c) { return c >= '0' && c <= '9'; }

/// Returns where the plain characters of a string end, from `at` on: before a quote,
/// a backslash, a control character or one beyond ASCII. Eight at a time.
inline const char* end_of_plain(const char* at, const char* end) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHigh = 0x8080808080808080;
  while (end - at >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    const std::uint64_t control = word - kOnes * 0x20;
    const std::uint64_t quote = (word ^ (kOnes * '"')) - kOnes;
    const std::uint64_t backslash = (word ^ (kOnes * '\\')) - kOnes;
    if (((word | control | quote | backslash) & kHigh) != 0) break;
    at += 8;
  }
  const auto is_plain = [](char c) {
    return static_cast<signed char>(c) >= 0x20 && c != '"' && c != '\\';
  };
  while (at != end && is_plain(*at)) ++at;
  return at;
}

/// Return where the string, or the object or array, that begins at `at` ends; nullptr
/// if it does not. They look for quotes and brackets and at nothing else.
const char* end_of_string(const char* at, const char* end);
const char* end_of_container(const char* at, const char* end);

/// Returns the number that the text begins with; empty if it begins with none.
std::string_view find_number(std::string_view text);

/// Returns the double that is nearest to the number, as Python's float() does:
/// infinity past the largest, zero below the smallest.
double nearest_double(std::string_view number);

/// Appends the character as UTF-8. It must be none of the surrogates.
void append_character(std::string& text, std::uint32_t character);

}  // namespace sessionvitals::providers

#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

/// Where the pieces of JSON text end, and what they say (RFC 8259). Private to
/// json_reader.h.
namespace sessionvitals::providers {

inline bool is_json_space(char c) {
  const bool may_be = static_cast<unsigned char>(c) <= ' ';  // one look at what seldom is one
  return may_be && (c == ' ' || c == '\n' || c == '\r' || c == '\t');
}
inline bool is_json_digit(char c) { return c >= '0' && c <= '9'; }

/// Eight characters, the first in the lowest byte, which add, compare and multiply at once.
inline std::uint64_t read_word(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

inline constexpr std::size_t kWord = sizeof(std::uint64_t);
inline constexpr std::uint64_t kEachByte = 0x0101010101010101;
inline constexpr std::uint64_t kEachHighBit = 0x80 * kEachByte;

/// Returns before how many of a word's characters the first marked one is: `marks` has its high
/// bit set. What stands behind the first one may be marked by mistake, as a sum carries on.
inline std::size_t first_marked(std::uint64_t marks) {
  return static_cast<std::size_t>(std::countr_zero(marks & kEachHighBit)) / 8;
}

/// The same as memcmp() == 0, without a call for the eight to sixteen characters of most names.
inline bool is_same(const char* text, const char* other, std::size_t size) {
  if (size < kWord || size > 2 * kWord) return std::memcmp(text, other, size) == 0;
  const std::size_t last = size - kWord;
  return read_word(text) == read_word(other) && read_word(text + last) == read_word(other + last);
}

/// Returns where the plain characters of a string end, from `at` on: before a quote,
/// a backslash, a control character or one beyond ASCII.
inline const char* end_of_plain(const char* at, const char* end) {
  for (; end - at >= static_cast<std::ptrdiff_t>(kWord); at += kWord) {
    const std::uint64_t word = read_word(at);
    const std::uint64_t control = word - kEachByte * 0x20;
    const std::uint64_t quote = (word ^ (kEachByte * '"')) - kEachByte;
    const std::uint64_t backslash = (word ^ (kEachByte * '\\')) - kEachByte;
    const std::size_t plain = first_marked(word | control | quote | backslash);
    if (plain < kWord) return at + plain;
  }
  const auto is_plain = [](char c) {
    return static_cast<signed char>(c) >= 0x20 && c != '"' && c != '\\';
  };
  while (at != end && is_plain(*at)) ++at;
  return at;
}

/// Reads the digits from `at` on; returns where they end. The value is of use up to 18 of them.
inline const char* read_digits(const char* at, const char* end, std::uint64_t& value) {
  constexpr std::array<std::uint64_t, kWord + 1> kPowers = {
      1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000};
  value = 0;
  while (end - at >= static_cast<std::ptrdiff_t>(kWord)) {
    const std::uint64_t word = read_word(at);
    const std::uint64_t values = word - kEachByte * '0';
    const std::size_t count = first_marked(word | values | (word + kEachByte * (0x7f - '9')));
    if (count == 0) return at;
    // The last digit goes to the highest byte; nothing stands before the first. Then pairs are
    // added up, pairs of those, and the two halves.
    std::uint64_t sum = values << (8 * (kWord - count));
    sum = sum * 10 + (sum >> 8U);
    sum = ((sum & 0x000000ff000000ff) * (100 + (1'000'000ULL << 32U)) +
           ((sum >> 16U) & 0x000000ff000000ff) * (1 + (10'000ULL << 32U))) >>
          32U;
    value = value * kPowers[count] + (sum & 0xffffffff);
    at += count;
    if (count < kWord) return at;
  }
  for (; at != end && is_json_digit(*at); ++at) {
    value = value * 10 + static_cast<std::uint64_t>(*at - '0');
  }
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

#include "sessionvitals/providers/reading/json_scan.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <limits>
#include <system_error>

namespace sessionvitals::providers {

namespace {

// Returns true if a number that no double can hold is too large for one, and
// false if it is too small.
bool is_large(std::string_view number) {
  const std::size_t mark = std::min(number.find_first_of("eE"), number.size());
  const std::string_view mantissa = number.substr(0, mark);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const auto leading = static_cast<std::ptrdiff_t>(mantissa.find_first_of("123456789"));
  const std::ptrdiff_t magnitude = static_cast<std::ptrdiff_t>(point) - leading;
  std::string_view digits = number.substr(std::min(mark + 1, number.size()));
  if (digits.starts_with('+')) digits.remove_prefix(1);
  std::int32_t exponent = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
  if (read.ec == std::errc::result_out_of_range) return !digits.starts_with('-');
  return exponent + magnitude > 0;
}

}  // namespace

const char* end_of_string(const char* at, const char* end) {
  for (++at; (at = end_of_plain(at, end)) != end; ++at) {
    if (*at == '"') return at + 1;
    if (*at == '\\' && ++at == end) break;
  }
  return nullptr;
}

const char* end_of_container(const char* at, const char* end) {
  std::size_t depth = 0;
  while (at != end) {
    const char c = *at;
    if (c == '"') {
      at = end_of_string(at, end);
      if (at == nullptr) return nullptr;
      continue;
    }
    ++at;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0) return at;
  }
  return nullptr;
}

std::string_view find_number(std::string_view text) {
  const char* const end = text.data() + text.size();
  const char* at = text.data();
  const auto take_digits = [&] {
    const char* const first = at;
    while (at != end && is_json_digit(*at)) ++at;
    return at != first;
  };
  if (at != end && *at == '-') ++at;
  if (at != end && *at == '0') {
    ++at;
  } else if (!take_digits()) {
    return {};
  }
  if (at != end && *at == '.') {
    ++at;
    if (!take_digits()) return {};
  }
  if (at != end && (*at == 'e' || *at == 'E')) {
    ++at;
    if (at != end && (*at == '+' || *at == '-')) ++at;
    if (!take_digits()) return {};
  }
  if (at != end && is_json_digit(*at)) return {};  // behind a leading zero
  return text.substr(0, static_cast<std::size_t>(at - text.data()));
}

double nearest_double(std::string_view number) {
  double value = 0;
  const auto read = std::from_chars(number.data(), number.data() + number.size(), value);
  if (read.ec != std::errc::result_out_of_range) return value;
  value = is_large(number) ? std::numeric_limits<double>::infinity() : 0;
  return number.front() == '-' ? -value : value;
}

void append_character(std::string& text, std::uint32_t character) {
  const auto add = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (character < 0x80) return add(character);
  if (character < 0x800) {
    add(0xc0U | (character >> 6U));
  } else {
    if (character < 0x10000) {
      add(0xe0U | (character >> 12U));
    } else {
      add(0xf0U | (character >> 18U));
      add(0x80U | ((character >> 12U) & 0x3fU));
    }
    add(0x80U | ((character >> 6U) & 0x3fU));
  }
  add(0x80U | (character & 0x3fU));
}

}  // namespace sessionvitals::providers

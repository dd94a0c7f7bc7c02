#include "vendors/eliza/javascript.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>

namespace mock::javascript {

namespace {

constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();

// The bytes of the well-formed character at the beginning of a text; 0 when there is none.
std::size_t character_size(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  const unsigned second = byte(1);
  if (first >= 0xE0 && first <= 0xEF) {
    const bool overlong = first == 0xE0 && second < 0xA0;
    const bool surrogate = first == 0xED && second > 0x9F;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first < 0xF0 || first > 0xF4) return 0;
  const bool overlong = first == 0xF0 && second < 0x90;
  const bool beyond = first == 0xF4 && second > 0x8F;
  return follows(1) && follows(2) && follows(3) && !overlong && !beyond ? 4 : 0;
}

// What is no UTF-8 becomes U+FFFD, as a decoder of the platform has it.
std::string as_utf8(std::string_view text) {
  std::string decoded;
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    decoded.append(size > 0 ? text.substr(0, size) : std::string_view("\xEF\xBF\xBD"));
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return decoded;
}

// The code unit of a \uXXXX at a place in a text; nothing when there is none.
std::optional<unsigned> escaped_unit(std::string_view text, std::size_t at) {
  if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return std::nullopt;
  unsigned unit = 0;
  const char* begin = text.data() + at + 2;
  const auto read = std::from_chars(begin, begin + 4, unit, 16);
  return read.ptr == begin + 4 ? std::optional(unit) : std::nullopt;
}

std::string without_lone_surrogates(std::string text) {
  for (std::size_t at = text.find('\\'); at < text.size(); at = text.find('\\', at)) {
    const auto unit = escaped_unit(text, at);
    if (!unit) {
      at += 2;
      continue;
    }
    const auto next = escaped_unit(text, at + 6);
    const bool is_high = *unit >= 0xD800 && *unit <= 0xDBFF;
    const bool is_pair = is_high && next && *next >= 0xDC00 && *next <= 0xDFFF;
    if (!is_pair && *unit >= 0xD800 && *unit <= 0xDFFF) text.replace(at + 2, 4, "0000");
    at += is_pair ? 12 : 6;
  }
  return text;
}

// JavaScript has one kind of number: 1.0 is written 1.
void write_integers_as_such(Json& json) {
  constexpr double kMaxExact = 9007199254740992;  // 2^53
  if (json.is_structured()) {
    for (Json& element : json) write_integers_as_such(element);
  } else if (json.is_number_float()) {
    const auto value = json.get<double>();
    if (std::abs(value) <= kMaxExact && std::trunc(value) == value) {
      json = static_cast<std::int64_t>(value);
    }
  }
}

// The bytes of the white space at the beginning of a text; 0 when there is none. ECMA-262
// s22.1.3.32.
std::size_t space_size(std::string_view text) {
  static constexpr std::array<std::string_view, 25> kSpaces{" ",
                                                            "\t",
                                                            "\n",
                                                            "\r",
                                                            "\v",
                                                            "\f",
                                                            "\xC2\xA0",
                                                            "\xE1\x9A\x80",
                                                            "\xE2\x80\x80",
                                                            "\xE2\x80\x81",
                                                            "\xE2\x80\x82",
                                                            "\xE2\x80\x83",
                                                            "\xE2\x80\x84",
                                                            "\xE2\x80\x85",
                                                            "\xE2\x80\x86",
                                                            "\xE2\x80\x87",
                                                            "\xE2\x80\x88",
                                                            "\xE2\x80\x89",
                                                            "\xE2\x80\x8A",
                                                            "\xE2\x80\xA8",
                                                            "\xE2\x80\xA9",
                                                            "\xE2\x80\xAF",
                                                            "\xE2\x81\x9F",
                                                            "\xE3\x80\x80",
                                                            "\xEF\xBB\xBF"};
  for (const std::string_view space : kSpaces) {
    if (text.starts_with(space)) return space.size();
  }
  return 0;
}

std::string_view trimmed(std::string_view text) {
  while (const std::size_t size = space_size(text)) text.remove_prefix(size);
  std::size_t end = 0;  // behind the last character that is no space
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t space = space_size(text.substr(at));
    at += space > 0 ? space : 1;
    if (space == 0) end = at;
  }
  return text.substr(0, end);
}

std::optional<double> number_of_base(std::string_view text) {
  if (text.size() < 3 || text[0] != '0') return std::nullopt;
  const char kind = static_cast<char>(text[1] | 0x20);
  const int base = kind == 'x' ? 16 : kind == 'o' ? 8 : kind == 'b' ? 2 : 0;
  if (base == 0) return std::nullopt;
  std::uint64_t whole = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + 2, end, whole, base);
  return read.ptr == end ? static_cast<double>(whole) : kNotANumber;
}

double number_in(std::string_view text) {
  text = trimmed(text);
  if (text.empty()) return 0;
  if (const auto whole = number_of_base(text)) return *whole;
  const double sign = text[0] == '-' ? -1 : 1;
  const std::string digits(text.substr(text[0] == '-' || text[0] == '+' ? 1 : 0));
  if (digits == "Infinity") return sign * HUGE_VAL;
  // strtod also reads signs of its own, words and hexadecimal fractions.
  const bool is_plain = digits.find_first_not_of("0123456789.eE+-") == digits.npos;
  if (digits.empty() || !is_plain || digits[0] == '+' || digits[0] == '-') return kNotANumber;
  char* end = nullptr;
  const double value = std::strtod(digits.c_str(), &end);
  return end == digits.c_str() + digits.size() ? sign * value : kNotANumber;
}

}  // namespace

Json parse(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  Json json = parse_json(without_lone_surrogates(as_utf8(text)));
  write_integers_as_such(json);
  return json;
}

double number(const Json& value) {
  if (value.is_number()) return value.get<double>();
  if (value.is_boolean()) return value.get<bool>() ? 1 : 0;
  if (value.is_null()) return 0;
  if (value.is_string()) return number_in(value.get_ref<const std::string&>());
  // An array is read as its text: nothing for none, its only element's own text, or with a comma.
  if (!value.is_array() || value.size() > 1) return kNotANumber;
  if (value.empty()) return 0;
  return value[0].is_boolean() ? kNotANumber : number(value[0]);
}

double parse_int(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t\n\v\f\r"), text.size());
  text.remove_prefix(begin);
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  std::size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    number = number * 10 + (text[digits] - '0');
  }
  if (digits == 0) return std::numeric_limits<double>::quiet_NaN();
  return is_negative ? -number : number;
}

bool is_true(const Json& value) {
  if (value.is_discarded() || value.is_null()) return false;
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number()) return value.get<double>() != 0;
  return !value.is_string() || !value.get_ref<const std::string&>().empty();
}

std::size_t length(std::string_view utf8) {
  // Four bytes are a pair of surrogates.
  return static_cast<std::size_t>(std::ranges::count_if(
             utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; })) +
         static_cast<std::size_t>(std::ranges::count_if(
             utf8, [](char c) { return static_cast<unsigned char>(c) >= 0xF0U; }));
}

bool has_surrogates(std::string_view utf8) {
  return std::ranges::any_of(utf8, [](char c) { return static_cast<unsigned char>(c) >= 0xF0U; });
}

bool has_nul(const Json& value) {
  if (value.is_string()) return value.get_ref<const std::string&>().find('\0') != std::string::npos;
  if (value.is_array()) return std::ranges::any_of(value, has_nul);
  if (!value.is_object()) return false;
  for (const auto& [name, member] : value.items()) {
    if (name.find('\0') != std::string::npos || has_nul(member)) return true;
  }
  return false;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace mock::javascript

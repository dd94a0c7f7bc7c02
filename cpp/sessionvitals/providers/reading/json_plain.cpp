#include "sessionvitals/providers/reading/json_plain.h"

namespace sessionvitals::providers {

bool PlainReader::take_integer(std::int64_t& number) {
  constexpr std::size_t kMostDigits = 18;  // always fit
  const bool is_negative = take('-');
  const std::size_t begin = at_;
  std::int64_t value = 0;
  while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') {
    if (at_ - begin == kMostDigits) return false;
    value = value * 10 + (text_[at_++] - '0');
  }
  const std::size_t digits = at_ - begin;
  const bool has_leading_zero = digits > 1 && text_[begin] == '0';
  if (digits == 0 || has_leading_zero) return false;
  if (const char next = peek(); next == '.' || next == 'e' || next == 'E') return false;
  number = is_negative ? -value : value;
  return true;
}

bool PlainReader::skip_scalar() {
  std::string_view content;
  std::int64_t number = 0;
  switch (peek()) {
    case '"':
      return take_string(content);
    case 't':
      return take_word("true");
    case 'f':
      return take_word("false");
    case 'n':
      return take_word("null");
    default:
      return take_integer(number);
  }
}

bool PlainReader::skip_value() {
  // Well below the levels that a body may have, so that the limit is not this one's.
  constexpr int kMostLevels = 32;
  std::uint64_t objects = 0;  // a bit for each open level, the innermost last: 1 for an object
  int levels = 0;
  bool is_first = true;  // of the values of its level
  for (;;) {
    if (levels > 0 && !is_first) {
      skip_space();
      const char closing = (objects & 1U) != 0 ? '}' : ']';
      if (take(closing)) {
        objects >>= 1U;
        if (--levels == 0) return true;
        continue;
      }
      if (!take(',')) return false;
      skip_space();
    }
    if (levels > 0 && (objects & 1U) != 0) {
      std::string_view name;
      if (!take_string(name)) return false;
      skip_space();
      if (!take(':')) return false;
      skip_space();
    }
    const char opening = peek();
    if (opening == '{' || opening == '[') {
      ++at_;
      if (++levels > kMostLevels) return false;
      objects = (objects << 1U) | (opening == '{' ? 1U : 0U);
      skip_space();
      // An empty one is closed in the next round; so is any other, after a value.
      is_first = peek() != (opening == '{' ? '}' : ']');
      continue;
    }
    if (!skip_scalar()) return false;
    if (levels == 0) return true;
    is_first = false;
  }
}

bool read_plain_value(PlainReader& reader, JsonValue& value) {
  const std::size_t begin = reader.position();
  switch (reader.peek()) {
    case '"':
      value.type = JsonValue::Type::string;
      if (!reader.take_string(value.string)) return false;
      break;
    case '{':
    case '[':
      value.type = reader.peek() == '{' ? JsonValue::Type::object : JsonValue::Type::array;
      if (!reader.skip_value()) return false;
      break;
    case 't':
    case 'f':
      value.type = JsonValue::Type::boolean;
      value.boolean = reader.peek() == 't';
      if (!reader.take_word(value.boolean ? "true" : "false")) return false;
      break;
    case 'n':
      if (!reader.take_word("null")) return false;
      break;
    default:
      value.type = JsonValue::Type::integer;
      if (!reader.take_integer(value.integer)) return false;
      value.number = static_cast<double>(value.integer);
  }
  value.json = reader.text_from(begin);
  return true;
}

}  // namespace sessionvitals::providers

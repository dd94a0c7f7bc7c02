#include "sessionvitals/providers/reading/json_reader.h"

#include <charconv>
#include <cstring>
#include <system_error>

#include "sessionvitals/providers/reading/json_scan.h"
#include "sessionvitals/values/utf8.h"

namespace sessionvitals::providers {

namespace {

constexpr std::size_t kMaxExcerpt = 40;

// Says what a value is, without quoting more of it than helps.
std::string describe(JsonType type, std::string_view json) {
  switch (type) {
    case JsonType::none:
      return "something else";
    case JsonType::null:
      return "null";
    case JsonType::boolean:
      return "a boolean";
    case JsonType::number:
      return "the number " + std::string(json.substr(0, kMaxExcerpt));
    case JsonType::string:
      return "a string";
    case JsonType::object:
      return "an object";
    case JsonType::array:
      return "an array";
  }
  return "";
}

}  // namespace

JsonReader::JsonReader(std::string_view text, std::size_t max_bytes)
    : begin_(text.data()), at_(begin_), end_(begin_ + text.size()) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";  // RFC 8259 s8.1: may be ignored
  if (text.starts_with(kByteOrderMark)) at_ += kByteOrderMark.size();
  skip_space();
  if (text.size() <= max_bytes) return;
  fail("at most " + std::to_string(max_bytes) + " bytes", std::to_string(text.size()));
  at_ = end_;
}

JsonType JsonReader::type() const {
  switch (peek()) {
    case '"':
      return JsonType::string;
    case '{':
      return JsonType::object;
    case '[':
      return JsonType::array;
    case 't':
    case 'f':
      return JsonType::boolean;
    case 'n':
      return JsonType::null;
    default:
      return is_next('-') || is_json_digit(peek()) ? JsonType::number : JsonType::none;
  }
}

bool JsonReader::take_boolean(bool& value) {
  value = is_next('t');
  return take_word(value ? "true" : "false");
}

bool JsonReader::take_integer(std::int64_t& value) {
  // Up to 18 digits always fit; what is longer, or no integer, takes the other way.
  constexpr std::ptrdiff_t kMaxDigits = 18;
  const char* at = at_;
  const bool is_negative = at != end_ && *at == '-';
  if (is_negative) ++at;
  const char* const first = at;
  std::int64_t magnitude = 0;
  for (; at != end_ && is_json_digit(*at) && at - first < kMaxDigits; ++at) {
    magnitude = magnitude * 10 + (*at - '0');
  }
  const bool is_short = at != first && (*first != '0' || at - first == 1);
  const bool is_over =
      at == end_ || !(is_json_digit(*at) || *at == '.' || *at == 'e' || *at == 'E');
  if (is_short && is_over) {
    value = is_negative ? -magnitude : magnitude;
    at_ = at;
    return true;
  }
  const std::string_view number = find_number(rest());
  const auto read = std::from_chars(number.data(), number.data() + number.size(), value);
  const bool is_whole = !number.empty() && read.ptr == number.data() + number.size();
  if (!is_whole || read.ec != std::errc()) return false;
  at_ += number.size();
  return true;
}

bool JsonReader::take_number(double& value) {
  const std::string_view number = find_number(rest());
  if (number.empty()) return false;
  value = nearest_double(number);
  at_ += number.size();
  return true;
}

bool JsonReader::read_string(std::string_view& text, std::string& buffer) {
  if (!is_next('"')) return fail("a string");
  const char* const first = ++at_;
  at_ = end_of_plain(at_, end_);
  text = std::string_view(first, static_cast<std::size_t>(at_ - first));
  if (take('"')) return true;
  buffer = text;
  if (!read_rest(buffer)) return false;
  text = buffer;
  return true;
}

bool JsonReader::skip(std::string_view& json) {
  const char* const first = at_;
  if (!skip()) return false;
  json = std::string_view(first, static_cast<std::size_t>(at_ - first));
  return true;
}

bool JsonReader::skip_unread(std::string_view& json) {
  const char* last = nullptr;
  if (is_next('"')) last = end_of_string(at_, end_);
  if (is_next('{') || is_next('[')) last = end_of_container(at_, end_);
  if (last == nullptr) return skip(json);
  json = std::string_view(at_, static_cast<std::size_t>(last - at_));
  at_ = last;
  return true;
}

bool JsonReader::has_more() {
  skip_space();
  if (take((objects_ & 1U) != 0 ? '}' : ']')) {
    objects_ >>= 1U;
    --depth_;
    is_first_ = false;
    return false;
  }
  if (!is_first_ && !take(',')) return fail_as_no_json();
  is_first_ = false;
  skip_space();
  return true;
}

bool JsonReader::take_name(std::string_view expected) {
  const auto left = static_cast<std::size_t>(end_ - at_);
  if (left < expected.size() + 2 || *at_ != '"' || at_[expected.size() + 1] != '"') return false;
  if (std::memcmp(at_ + 1, expected.data(), expected.size()) != 0) return false;
  at_ += expected.size() + 2;
  return true;
}

bool JsonReader::read_name(std::string_view& name, std::string& buffer) {
  return is_next('"') ? read_string(name, buffer) : fail_as_no_json();
}

bool JsonReader::read_colon() {
  skip_space();
  if (!take(':')) return fail_as_no_json();
  skip_space();
  return true;
}

bool JsonReader::finish() {
  skip_space();
  return at_ == end_ || fail_as_no_json();
}

bool JsonReader::fail(std::string expected) {
  const JsonType found = type();
  std::string_view json;
  if (!skip(json)) return false;
  return fail(std::move(expected), describe(found, json));
}

bool JsonReader::fail(std::string expected, std::string found) {
  if (!violation_) violation_ = {"", std::move(expected), std::move(found)};
  return false;
}

bool JsonReader::fail_within(std::string_view place) {
  if (!is_of_whole_text_) violation_->where.insert(0, place).insert(0, 1, '/');
  return false;
}

void JsonReader::hide_found() {
  if (!is_of_whole_text_) violation_->found = "something else";
}

void JsonReader::skip_space() {
  while (at_ != end_ && is_json_space(*at_)) ++at_;
}

bool JsonReader::take(char expected) {
  if (!is_next(expected)) return false;
  ++at_;
  return true;
}

bool JsonReader::take_word(std::string_view word) {
  if (!rest().starts_with(word)) return false;
  at_ += word.size();
  return true;
}

bool JsonReader::begin(char opening) {
  if (!take(opening)) return fail(opening == '{' ? "an object" : "an array");
  if (++depth_ > kMaxDepth) {
    is_of_whole_text_ = true;
    return fail("at most " + std::to_string(kMaxDepth) + " levels of nesting", "more");
  }
  objects_ = (objects_ << 1U) | (opening == '{' ? 1U : 0U);
  is_first_ = true;
  return true;
}

bool JsonReader::skip() {
  std::string_view text;
  std::string buffer;
  const JsonType next = type();
  switch (next) {
    case JsonType::none:
      return fail_as_no_json();
    case JsonType::null:
      return take_null() || fail_as_no_json();
    case JsonType::boolean:
      return take_word("true") || take_word("false") || fail_as_no_json();
    case JsonType::number:
      text = find_number(rest());
      at_ += text.size();
      return !text.empty() || fail_as_no_json();
    case JsonType::string:
      return read_string(text, buffer);
    case JsonType::object:
    case JsonType::array:
      break;
  }
  if (!begin(next == JsonType::object ? '{' : '[')) return false;
  while (has_more()) {
    if (next == JsonType::object && !(read_name(text, buffer) && read_colon())) return false;
    if (!skip()) return false;
  }
  return !has_failed();
}

bool JsonReader::read_rest(std::string& text) {
  while (!take('"')) {
    if (is_next('\\')) {
      if (!read_escape(text)) return false;
      continue;
    }
    const char* const first = at_;
    at_ = end_of_plain(at_, end_);
    if (at_ == first) {
      const bool is_beyond_ascii = at_ != end_ && static_cast<signed char>(*at_) < 0;
      const std::size_t size = is_beyond_ascii ? utf8_sequence_size(rest()) : 0;
      if (size == 0) return fail_as_no_json();
      at_ += size;
    }
    text.append(first, at_);
  }
  return true;
}

bool JsonReader::read_escape(std::string& text) {
  constexpr std::string_view kNames = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  ++at_;
  std::uint32_t character = 0;
  if (take('u')) {
    if (!read_hexadecimal(character)) return false;
    if (character >= 0xd800 && character <= 0xdfff) {
      std::uint32_t low = 0;
      const bool is_pair = character <= 0xdbff && take_word("\\u");
      if (!is_pair) return fail_as_no_json();  // a lone surrogate is no character
      if (!read_hexadecimal(low)) return false;
      if (low < 0xdc00 || low > 0xdfff) return fail_as_no_json();
      character = 0x10000 + ((character - 0xd800) << 10U) + (low - 0xdc00);
    }
  } else {
    const std::size_t known = at_ == end_ ? std::string_view::npos : kNames.find(*at_);
    if (known == std::string_view::npos) return fail_as_no_json();
    character = static_cast<unsigned char>(kMeanings[known]);
    ++at_;
  }
  append_character(text, character);
  return true;
}

bool JsonReader::read_hexadecimal(std::uint32_t& unit) {
  if (end_ - at_ < 4) {
    at_ = end_;
    return fail_as_no_json();
  }
  const char* const last = at_ + 4;
  at_ = std::from_chars(at_, last, unit, 16).ptr;
  return at_ == last || fail_as_no_json();
}

bool JsonReader::fail_as_no_json() {
  is_of_whole_text_ = true;
  return fail("JSON", "something else at byte " + std::to_string(at_ - begin_) +
                          (at_ == end_ ? " (where the text ends)" : ""));
}

}  // namespace sessionvitals::providers

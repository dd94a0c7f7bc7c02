#include "sessionvitals/providers/reading/json_reader.h"

#include <charconv>
#include <cstring>
#include <system_error>

#include "sessionvitals/providers/reading/json_scan.h"
#include "sessionvitals/values/utf8.h"

namespace sessionvitals::providers {

namespace {

constexpr std::size_t kMaxExcerpt = 40;
constexpr std::ptrdiff_t kExactDigits = 15;  // a double holds every integer of so many

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

bool JsonReader::take_long_integer(std::int64_t& value) {
  const std::string_view number = find_number(rest());
  const auto read = std::from_chars(number.data(), number.data() + number.size(), value);
  const bool is_whole = !number.empty() && read.ptr == number.data() + number.size();
  if (!is_whole || read.ec != std::errc()) return false;
  at_ += number.size();
  return true;
}

bool JsonReader::take_number(double& value) {
  std::int64_t whole = 0;
  // Not of a negative one: -0 has a sign.
  if (!is_next('-') && take_short_integer(whole, kExactDigits)) {
    value = static_cast<double>(whole);
    return true;
  }
  const std::string_view number = find_number(rest());
  if (number.empty()) return false;
  value = nearest_double(number);
  at_ += number.size();
  return true;
}

bool JsonReader::read_string_slowly(std::string_view& text, std::string& buffer) {
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

bool JsonReader::read_name(std::string_view& name, std::string& buffer) {
  return is_next('"') ? read_string(name, buffer) : fail_as_no_json();
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

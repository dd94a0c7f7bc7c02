#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sessionvitals/errors.h"
#include "sessionvitals/http.h"
#include "sessionvitals/providers/reading/json_scan.h"

/// Reading JSON text (RFC 8259) from front to back, value by value, without a
/// document in between. Knows no table and no vendor: json.h has those. Private
/// to providers/.
namespace sessionvitals::providers {

/// Text that is nested deeper is a violation.
inline constexpr int kMaxDepth = 64;

enum class JsonType { none, null, boolean, number, string, object, array };

/// Stands before a value or, between begin_object() and the end of the object,
/// before a member. The functions that return bool return false at the first
/// violation; the reader is then of no more use, but for violation().
class JsonReader {
 public:
  /// The text must live as long as the reader. One of more than max_bytes is a violation.
  explicit JsonReader(std::string_view text, std::size_t max_bytes = kDefaultBodyLimit);

  /// The type of the value that comes next, by its first character; none if no
  /// value begins there.
  JsonType type() const;

  /// The same as whether type() is null.
  bool is_null() const { return is_next('n'); }

  /// Each takes the next value if it is of that kind. If it is not, nothing is
  /// taken and nothing is wrong yet: ask type(), or fail().
  bool take_null() { return take_word("null"); }
  bool take_boolean(bool& value) { return take_word((value = is_next('t')) ? "true" : "false"); }
  bool take_integer(std::int64_t& value);  // of 64 bits, without fraction or exponent
  bool take_number(double& value);         // the nearest double; infinity past the largest

  /// Takes the next value, which must be a string. `text` is what it says, and holds
  /// until `buffer` or the text that is read changes.
  bool read_string(std::string_view& text, std::string& buffer);

  /// Takes the next value, whatever it is, and returns its text as it stands.
  bool skip(std::string_view& json);

  /// The same, but looks into no string, object or array further than to find its
  /// end: no depth and no content matters.
  bool skip_unread(std::string_view& json);

  /// Objects and arrays: begin, then take something each time there is more.
  bool begin_object() { return begin('{'); }
  bool begin_array() { return begin('['); }
  bool has_more();

  /// Takes what stands before a member's value, as has_more(), read_name() and read_colon() do, if
  /// it is of that name and written without white space.
  bool take_compact_name(std::string_view expected);

  /// Takes the name of a member. read_colon() comes next.
  bool read_name(std::string_view& name, std::string& buffer);
  bool read_colon() {
    skip_space();
    if (!take(':')) return fail_as_no_json();
    skip_space();
    return true;
  }

  /// Nothing but white space may follow the outermost value.
  bool finish();

  /// Records that the next value is not what was expected; returns false.
  [[gnu::cold]] bool fail(std::string expected);

  /// Records a violation of one's own; returns false.
  [[gnu::cold]] bool fail(std::string expected, std::string found);

  /// Adds the place of the value in which the violation is: a member's name or an
  /// index. Returns false.
  [[gnu::cold]] bool fail_within(std::string_view place);

  /// Quotes nothing of the value that the violation is about.
  void hide_found();

  bool has_failed() const { return violation_.has_value(); }
  std::optional<Violation>&& violation() && { return std::move(violation_); }

 private:
  /// The next character, or a NUL at the end.
  char peek() const { return at_ != end_ ? *at_ : '\0'; }
  std::string_view rest() const { return {at_, static_cast<std::size_t>(end_ - at_)}; }
  bool is_next(char expected) const { return at_ != end_ && *at_ == expected; }
  void skip_space() {
    while (at_ != end_ && is_json_space(*at_)) ++at_;
  }
  bool take(char expected) {
    if (!is_next(expected)) return false;
    ++at_;
    return true;
  }
  bool take_word(std::string_view word) {
    if (!rest().starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  bool begin(char opening);
  bool skip();
  /// take_integer(), but of at most so many digits: otherwise nothing is taken.
  bool take_short_integer(std::int64_t& value, std::ptrdiff_t max_digits);
  bool take_long_integer(std::int64_t& value);
  /// The same as read_string(), from where its plain characters, `text`, end.
  bool read_string_slowly(std::string_view& text, std::string& buffer);
  /// Appends what is left of a string that is not plain.
  bool read_rest(std::string& text);
  bool read_escape(std::string& text);
  bool read_hexadecimal(std::uint32_t& unit);
  [[gnu::cold]] bool fail_as_no_json();

  const char* begin_;
  const char* at_;
  const char* end_;
  int depth_ = 0;
  std::uint64_t objects_ = 0;      // a bit for each open level, the innermost last: 1 for an object
  bool is_first_ = false;          // of the values of its level
  bool is_of_whole_text_ = false;  // the violation has no place
  std::optional<Violation> violation_;
};

// What most answers consist of is read here, so that it is one function with who asks for it.

inline JsonType JsonReader::type() const {
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

inline bool JsonReader::take_short_integer(std::int64_t& value, std::ptrdiff_t max_digits) {
  const bool is_negative = is_next('-');
  const char* const first = is_negative ? at_ + 1 : at_;
  std::uint64_t magnitude = 0;
  const char* const last = read_digits(first, end_, magnitude);
  const bool is_short = last != first && last - first <= max_digits;
  const bool is_over = last == end_ || !(*last == '.' || *last == 'e' || *last == 'E');
  if (!is_short || !is_over || (*first == '0' && last - first != 1)) return false;
  value = static_cast<std::int64_t>(magnitude);
  if (is_negative) value = -value;
  at_ = last;
  return true;
}

inline bool JsonReader::take_integer(std::int64_t& value) {
  constexpr std::ptrdiff_t kFittingDigits = 18;  // any so many fit; what is longer may not
  return take_short_integer(value, kFittingDigits) || take_long_integer(value);
}

inline bool JsonReader::read_string(std::string_view& text, std::string& buffer) {
  if (!is_next('"')) return fail("a string");
  const char* const first = ++at_;
  at_ = end_of_plain(at_, end_);
  text = std::string_view(first, static_cast<std::size_t>(at_ - first));
  return take('"') || read_string_slowly(text, buffer);
}

inline bool JsonReader::has_more() {
  skip_space();
  if (is_first_ || !take(',')) {
    if (take((objects_ & 1U) != 0 ? '}' : ']')) {
      objects_ >>= 1U;
      --depth_;
      is_first_ = false;
      return false;
    }
    if (!is_first_) return fail_as_no_json();
    is_first_ = false;
  }
  skip_space();
  return true;
}

inline bool JsonReader::take_compact_name(std::string_view expected) {
  const char* const name = is_first_ ? at_ : at_ + 1;  // behind a comma
  if (static_cast<std::size_t>(end_ - at_) < expected.size() + sizeof R"(,"":)") return false;
  const char* const behind = name + 1 + expected.size();
  const bool is_framed = *name == '"' && behind[0] == '"' && behind[1] == ':';
  if (!is_framed || (!is_first_ && *at_ != ',')) return false;
  if (!is_same(name + 1, expected.data(), expected.size())) return false;
  is_first_ = false;
  at_ = behind + 2;
  skip_space();
  return true;
}

}  // namespace sessionvitals::providers

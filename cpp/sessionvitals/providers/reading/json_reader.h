#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sessionvitals/errors.h"
#include "sessionvitals/http.h"

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

  /// Each takes the next value if it is of that kind. If it is not, nothing is
  /// taken and nothing is wrong yet: ask type(), or fail().
  bool take_null() { return take_word("null"); }
  bool take_boolean(bool& value);
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

  /// Takes the name of a member: take_name() if it is the expected one, read_name()
  /// whatever it is. read_colon() comes next.
  bool take_name(std::string_view expected);
  bool read_name(std::string_view& name, std::string& buffer);
  bool read_colon();

  /// Nothing but white space may follow the outermost value.
  bool finish();

  /// Records that the next value is not what was expected; returns false.
  bool fail(std::string expected);

  /// Records a violation of one's own; returns false.
  bool fail(std::string expected, std::string found);

  /// Adds the place of the value in which the violation is: a member's name or an
  /// index. Returns false.
  bool fail_within(std::string_view place);

  /// Quotes nothing of the value that the violation is about.
  void hide_found();

  bool has_failed() const { return violation_.has_value(); }
  std::optional<Violation>&& violation() && { return std::move(violation_); }

 private:
  /// The next character, or a NUL at the end.
  char peek() const { return at_ != end_ ? *at_ : '\0'; }
  std::string_view rest() const { return {at_, static_cast<std::size_t>(end_ - at_)}; }
  bool is_next(char expected) const { return at_ != end_ && *at_ == expected; }
  void skip_space();
  bool take(char expected);
  bool take_word(std::string_view word);
  bool begin(char opening);
  bool skip();
  /// Appends what is left of a string that is not plain.
  bool read_rest(std::string& text);
  bool read_escape(std::string& text);
  bool read_hexadecimal(std::uint32_t& unit);
  bool fail_as_no_json();

  const char* begin_;
  const char* at_;
  const char* end_;
  int depth_ = 0;
  std::uint64_t objects_ = 0;      // a bit for each open level, the innermost last: 1 for an object
  bool is_first_ = false;          // of the values of its level
  bool is_of_whole_text_ = false;  // the violation has no place
  std::optional<Violation> violation_;
};

}  // namespace sessionvitals::providers

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sessionvitals/providers/reading/json.h"

/// Reading, in one cheap pass, the JSON that servers nearly always send: ASCII,
/// nothing escaped, whole numbers of at most 18 digits. Private to
/// providers/json.cpp, where nlohmann/json reads all other, and says what is wrong
/// with what is no JSON at all: so that this need only be right where it is sure.
namespace sessionvitals::providers {

/// Goes through a text from its front. Every function returns false where what it
/// meets is not plain; the reader is then of no more use.
class PlainReader {
 public:
  explicit PlainReader(std::string_view text) : text_(text) {}

  std::size_t position() const { return at_; }
  std::string_view text_from(std::size_t begin) const { return text_.substr(begin, at_ - begin); }
  bool at_end() const { return at_ == text_.size(); }

  /// The next character, or a NUL at the end.
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  bool take(char expected) {
    if (peek() != expected) return false;
    ++at_;
    return true;
  }

  bool take_word(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  /// A string; `content` is what stands between its quotes.
  bool take_string(std::string_view& content) {
    if (!take('"')) return false;
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_plain(text_[at_])) ++at_;
    content = text_from(begin);
    return take('"');
  }

  bool take_integer(std::int64_t& number);

  /// Any value whose first character is next, however nested.
  bool skip_value();

 private:
  static bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
  // Neither a control character, nor beyond ASCII, nor what ends or escapes.
  static bool is_plain(char c) {
    return static_cast<signed char>(c) >= 0x20 && c != '"' && c != '\\';
  }
  bool skip_scalar();

  std::string_view text_;
  std::size_t at_ = 0;
};

/// The value whose first character is next.
bool read_plain_value(PlainReader& reader, JsonValue& value);

/// Tells the listener of every member of the object that `text` holds, up to one
/// where it returns false. Returns false if the text is not plain throughout,
/// whatever the listener has heard by then.
template <class Listener>
bool listen_to_plain(std::string_view text, Listener& listener) {
  PlainReader reader(text);
  reader.skip_space();
  if (!reader.take('{')) return false;
  reader.skip_space();
  bool has_more = !reader.take('}');
  while (has_more) {
    std::string_view name;
    if (!reader.take_string(name)) return false;
    reader.skip_space();
    if (!reader.take(':')) return false;
    reader.skip_space();
    JsonValue value;
    if (!read_plain_value(reader, value)) return false;
    if (!listener.member(name, value)) return true;
    reader.skip_space();
    has_more = reader.take(',');
    reader.skip_space();
    if (!has_more && !reader.take('}')) return false;
  }
  reader.skip_space();
  return reader.at_end();
}

}  // namespace sessionvitals::providers

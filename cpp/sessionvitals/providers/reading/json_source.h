#pragma once

#include <cstddef>
#include <iterator>
#include <string_view>

/// The text a JSON parser reads, and where in it the parser is: so that values
/// can be kept as the text they came as. Private to providers/json.cpp.
namespace sessionvitals::providers {

class JsonSource {
 public:
  explicit JsonSource(std::string_view text) : text_(text) {}

  /// What the parser reads from: hands out one character after the other.
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = char;

    Iterator() = default;
    explicit Iterator(JsonSource* source) : source_(source) {}

    char operator*() const { return source_->current(); }
    Iterator& operator++() {
      source_->advance();
      return *this;
    }
    Iterator operator++(int) { return ++*this; }
    // Only ever compared with end().
    bool operator==(const Iterator&) const { return source_ == nullptr || source_->is_at_end(); }

   private:
    JsonSource* source_ = nullptr;
  };

  Iterator begin() { return Iterator(this); }
  static Iterator end() { return {}; }

  /// How many bytes the parser has taken.
  std::size_t position() const { return position_; }

  bool is_at_end() const { return position_ >= text_.size(); }

  /// Returns the value that stands between `from`, just behind a member's name,
  /// and `to`, without the colon and white space around it.
  std::string_view value_between(std::size_t from, std::size_t to) const;

  /// If a string, an object or an array follows the colon that comes next,
  /// returns its text and has the parser read `0` in its place. Otherwise, and
  /// if the value has no end, returns nothing and changes nothing.
  std::string_view hide_next_value();

 private:
  char current() const { return position_ == hidden_from_ ? '0' : text_[position_]; }
  void advance() { position_ = position_ == hidden_from_ ? hidden_to_ : position_ + 1; }

  std::string_view text_;
  std::size_t position_ = 0;
  std::size_t hidden_from_ = std::string_view::npos;
  std::size_t hidden_to_ = 0;
};

}  // namespace sessionvitals::providers

#include "sessionvitals/providers/reading/json_source.h"

#include <algorithm>

namespace sessionvitals::providers {

namespace {

constexpr std::string_view kSpace = " \t\r\n";

// Returns where the string that begins at `at` ends, or npos.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

// Returns where the object or array that begins at `at` ends, or npos. Counts
// brackets and looks at nothing else, so that no depth and no content matters.
std::size_t end_of_container(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  for (std::size_t i = at; i < text.size(); ++i) {
    const char character = text[i];
    if (character == '"') {
      const std::size_t end = end_of_string(text, i);
      if (end == std::string_view::npos) return end;
      i = end - 1;
    } else if (character == '{' || character == '[') {
      ++depth;
    } else if (character == '}' || character == ']') {
      if (--depth == 0) return i + 1;
    }
  }
  return std::string_view::npos;
}

}  // namespace

std::string_view JsonSource::value_between(std::size_t from, std::size_t to) const {
  std::string_view value = text_.substr(from, to - from);
  value.remove_prefix(std::min(value.find(':') + 1, value.size()));
  value.remove_prefix(std::min(value.find_first_not_of(kSpace), value.size()));
  value.remove_suffix(value.size() - (value.find_last_not_of(kSpace) + 1));
  return value;
}

std::string_view JsonSource::hide_next_value() {
  const std::size_t colon = text_.find_first_not_of(kSpace, position_);
  if (colon == std::string_view::npos || text_[colon] != ':') return {};
  const std::size_t begin = text_.find_first_not_of(kSpace, colon + 1);
  if (begin == std::string_view::npos) return {};
  std::size_t end = std::string_view::npos;
  if (text_[begin] == '"') end = end_of_string(text_, begin);
  if (text_[begin] == '{' || text_[begin] == '[') end = end_of_container(text_, begin);
  if (end == std::string_view::npos) return {};
  hidden_from_ = begin;
  hidden_to_ = end;
  return text_.substr(begin, end - begin);
}

}  // namespace sessionvitals::providers

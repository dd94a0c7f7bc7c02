#include "sessionvitals/values/utf8.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace sessionvitals {

namespace {

// As many bytes of the beginning as are ASCII: eight at once, as most texts have nothing else.
std::size_t ascii_size(std::string_view text) {
  std::size_t size = 0;
  for (std::uint64_t word = 0; text.size() - size >= sizeof word; size += sizeof word) {
    std::memcpy(&word, text.data() + size, sizeof word);
    if ((word & 0x8080808080808080U) != 0) break;
  }
  while (size < text.size() && static_cast<unsigned char>(text[size]) < 0x80) ++size;
  return size;
}

}  // namespace

std::size_t utf8_sequence_size(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return 0;
  }
  const bool is_overlong = (lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xf0 && byte(1) < 0x90);
  const bool is_no_character = (lead == 0xed && byte(1) > 0x9f) || (lead == 0xf4 && byte(1) > 0x8f);
  return is_overlong || is_no_character ? 0 : size;
}

bool is_utf8(std::string_view text) {
  for (;;) {
    text.remove_prefix(ascii_size(text));
    if (text.empty()) return true;
    const std::size_t size = utf8_sequence_size(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
}

void append_utf8(std::string& out, std::string_view text) {
  for (;;) {
    const std::size_t plain = ascii_size(text);
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) return;
    const std::size_t size = utf8_sequence_size(text);
    if (size == 0) {
      out += "\xef\xbf\xbd";  // U+FFFD, the replacement character
    } else {
      out += text.substr(0, size);
    }
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
}

bool is_control(char character) {
  const auto byte = static_cast<unsigned char>(character);
  return byte < 0x20 || byte == 0x7F;
}

std::string excerpt_of(std::string_view text, std::size_t most) {
  const auto is_inside = [&text](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
  };
  std::size_t size = std::min(text.size(), most);
  // A character has four bytes at most; what is no UTF-8 is cut anywhere.
  while (size < text.size() && size > 0 && most - size < 3 && is_inside(size)) --size;
  std::string excerpt(text.substr(0, size));
  std::ranges::replace_if(excerpt, is_control, ' ');
  if (size < text.size()) excerpt += "...";
  return excerpt;
}

}  // namespace sessionvitals

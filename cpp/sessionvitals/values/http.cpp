#include "sessionvitals/http.h"

#include <algorithm>
#include <array>

namespace sessionvitals {

namespace {

constexpr bool is_alphanumeric(char character) {
  return (character >= 'A' && character <= 'Z') || (character >= 'a' && character <= 'z') ||
         (character >= '0' && character <= '9');
}

bool is_unreserved(char character) {
  return is_alphanumeric(character) || character == '-' || character == '.' || character == '_' ||
         character == '~';
}

char to_lower(char character) {
  return character >= 'A' && character <= 'Z' ? static_cast<char>(character + ('a' - 'A'))
                                              : character;
}

}  // namespace

const std::string* find_header(const std::vector<Header>& headers, std::string_view name) {
  for (const Header& header : headers) {
    const bool may_be = header.name.size() == name.size();  // most names cost no comparison
    if (may_be && equals_ignoring_case(header.name, name)) return &header.value;
  }
  return nullptr;
}

bool equals_ignoring_case(std::string_view left, std::string_view right) {
  if (left == right) return true;  // spelled alike, as most are: one comparison of memory
  return std::ranges::equal(left, right, {}, to_lower, to_lower);
}

std::string percent_encode(std::string_view text) {
  std::string encoded;
  append_percent_encoded(encoded, text);
  return encoded;
}

void append_percent_encoded(std::string& encoded, std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  for (;;) {
    const auto plain = std::ranges::find_if_not(text, is_unreserved);
    encoded.append(text.begin(), plain);  // most ids have nothing else
    if (plain == text.end()) return;
    const auto byte = static_cast<unsigned char>(*plain);
    encoded += '%';
    encoded += kHex[byte >> 4U];
    encoded += kHex[byte & 0x0FU];
    text.remove_prefix(static_cast<std::size_t>(plain - text.begin()) + 1);
  }
}

bool is_token(std::string_view text) {
  static constexpr auto kIsOfToken = [] {
    std::array<bool, 256> is_of_token{};
    for (unsigned byte = 0; byte < is_of_token.size(); ++byte) {
      is_of_token[byte] = is_alphanumeric(static_cast<char>(byte));
    }
    for (const char mark : std::string_view("!#$%&'*+-.^_`|~")) {
      is_of_token[static_cast<unsigned char>(mark)] = true;
    }
    return is_of_token;
  }();
  bool is_token = !text.empty();
  for (const char character : text) is_token &= kIsOfToken[static_cast<unsigned char>(character)];
  return is_token;
}

}  // namespace sessionvitals

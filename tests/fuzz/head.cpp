// The head of a response: read, written again and read again, it is the same.
#include "sessionvitals/engine/http/head.h"

#include <algorithm>
#include <string>

#include "fuzz.h"

namespace {

using namespace sessionvitals::engine;

void check_end(std::string_view text, std::size_t end) {
  std::size_t looked = 0;
  for (std::size_t given = 0; given <= text.size(); ++given) {
    const std::size_t found = find_end_of_head(text.substr(0, given), looked);
    if (found != 0) {
      fuzz::require(found == end, "the end is the same however the bytes come");
      return;
    }
    looked = given;
  }
  fuzz::require(end == 0, "the end is found however the bytes come");
}

std::string write(const Head& head) {
  std::string text = "HTTP/1." + std::to_string(head.minor_version) + ' ' +
                     std::to_string(head.http_status) + " \r\n";
  for (const auto& field : head.headers) {
    text.append(field.name).append(": ").append(field.value).append("\r\n");
  }
  return text + "\r\n";
}

void check_words(std::string_view text) {
  const bool has_control = std::any_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  });
  fuzz::require(has_control_character(text) == has_control, "control characters are seen");
  const std::string shown_text = shown(text, 20);
  fuzz::require(shown_text.size() <= 23, "what is shown is short");
  fuzz::require(std::ranges::all_of(shown_text, [](char c) { return c >= 0x20 && c <= 0x7e; }),
                "what is shown can be printed");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto [choice, text] = fuzz::read_input(data, size);
  const std::string_view method = (choice & 1U) != 0 ? "HEAD" : "GET";
  check_words(text);
  const std::size_t end = find_end_of_head(text, 0);
  check_end(text, end);
  if (end == 0) return 0;
  Head head;
  if (read_head(text.substr(0, end), method, head)) return 0;
  fuzz::require(head.http_status >= 100 && head.http_status <= 999, "a status of three digits");
  fuzz::require(head.headers.size() <= kMaxHeaders, "the number of fields is bounded");
  for (const auto& field : head.headers) {
    fuzz::require(sessionvitals::is_token(field.name), "a field's name is a token");
    fuzz::require(!has_control_character(field.value), "no value has a control character");
  }
  Head again;
  fuzz::require(!read_head(write(head), method, again), "a head that was read can be written");
  fuzz::require(head == again, "and is the same when it is read again");
  return 0;
}

#include "wire/request_parser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "values/text.h"

namespace mock {

namespace {

// By each byte, whether it may be in a token (RFC 9110 s5.6.2).
constexpr auto kTokenBytes = [] {
  std::array<bool, 256> may_be{};
  for (std::size_t byte = '!'; byte < 0x7f; ++byte) may_be[byte] = true;
  for (const unsigned char byte : std::string_view("\"(),/:;<=>?@[\\]{}")) may_be[byte] = false;
  return may_be;
}();

bool is_token(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](unsigned char byte) { return kTokenBytes[byte]; });
}

// Any method that is spelt as methods are: who has no route for it can say so better.
bool is_method(std::string_view text) {
  return is_token(text) && std::ranges::none_of(text, [](char c) { return c >= 'a' && c <= 'z'; });
}

// "METHOD target HTTP/1.1", with one space between its parts; false when it is not that.
bool read_request_line(std::string_view line, Request& request) {
  const std::size_t first = std::min(line.find(' '), line.size());
  const std::size_t second = std::min(line.find(' ', first + 1), line.size());
  const std::string_view method = line.substr(0, first);
  const std::string_view version = line.substr(std::min(line.size(), second + 1));
  if (second == line.size() || !is_method(method)) return false;
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return false;
  const std::string_view target = line.substr(first + 1, second - first - 1);
  // Visible ASCII: elizaOS's server refuses the rest as well. [wire]
  const bool is_visible = std::ranges::all_of(target, [](char c) { return c > ' ' && c < 0x7f; });
  if (target.empty() || !is_visible) return false;
  request.method = method;
  request.target = target;
  request.keep_alive = version == "HTTP/1.1";
  return true;
}

// The header lines of a head that ends with an empty line; false when one is malformed.
bool read_lines(std::string_view head, std::vector<Header>& headers) {
  size_t at = head.find("\r\n") + 2;
  while (at + 2 < head.size()) {
    const size_t end = head.find("\r\n", at);
    const std::string_view line = head.substr(at, end - at);
    at = end + 2;
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return false;
    const std::string_view value = without_spaces(line.substr(colon + 1));
    const auto is_control = [](unsigned char c) { return (c < ' ' && c != '\t') || c == 0x7f; };
    if (std::ranges::any_of(value, is_control)) return false;
    headers.push_back({std::string(line.substr(0, colon)), std::string(value)});
  }
  return true;
}

bool has_token(const std::string* value, std::string_view wanted) {
  for (std::string_view rest = value != nullptr ? *value : std::string_view(); !rest.empty();) {
    const size_t comma = std::min(rest.find(','), rest.size());
    if (equals_ignoring_case(without_spaces(rest.substr(0, comma)), wanted)) return true;
    rest.remove_prefix(std::min(rest.size(), comma + 1));
  }
  return false;
}

// How the body is framed; nothing when the head contradicts itself.
struct Framing {
  bool chunked = false;
  size_t length = 0;
};

std::optional<Framing> framing_of(const Request& request) {
  Framing framing;
  int lengths = 0;
  for (const Header& header : request.headers) {
    if (equals_ignoring_case(header.name, "content-length")) {
      const char* end = header.value.data() + header.value.size();
      const auto read = std::from_chars(header.value.data(), end, framing.length);
      if (++lengths > 1 || read.ec != std::errc() || read.ptr != end) return std::nullopt;
    } else if (equals_ignoring_case(header.name, "transfer-encoding")) {
      if (framing.chunked || !equals_ignoring_case(header.value, "chunked")) return std::nullopt;
      framing.chunked = true;
    }
  }
  if (framing.chunked && lengths > 0) return std::nullopt;
  return framing;
}

Parsed refused(int http_status) {
  return {.outcome = Parsed::Outcome::refused, .http_status = http_status};
}

}  // namespace

Parsed RequestParser::read(std::string_view bytes, Request& request) {
  const Parsed parsed = read_on(bytes, request);
  if (parsed.outcome != Parsed::Outcome::need_more) *this = RequestParser();
  return parsed;
}

Parsed RequestParser::read_on(std::string_view bytes, Request& request) {
  if (head_ == 0) {
    const Parsed parsed = read_head(bytes, request);
    if (parsed.outcome == Parsed::Outcome::refused || head_ == 0) return parsed;
  }
  return read_body(bytes, request);
}

Parsed RequestParser::read_head(std::string_view bytes, Request& request) {
  // An empty line before a request is none of it (RFC 9112 s2.2).
  const std::size_t begin = bytes.starts_with("\r\n") ? 2 : 0;
  // What cannot become a request is refused at once, not after a time-out, nor only if it is cut.
  const char first = bytes.size() > begin ? bytes[begin] : 'A';
  const bool is_start = (first >= 'A' && first <= 'Z') || (first == '\r' && begin == 0);
  if (!is_start) return refused(400);
  const std::size_t end = bytes.substr(0, kMaxHead).find("\r\n\r\n", std::max(searched_, begin));
  if (end == std::string_view::npos) {
    if (bytes.size() >= kMaxHead) return refused(431);
    searched_ = bytes.size() > 3 ? bytes.size() - 3 : 0;
    return {};
  }
  const std::string_view head = bytes.substr(begin, end + 4 - begin);
  request.headers.clear();
  request.headers.reserve(8);
  request.body.clear();
  if (!read_request_line(head.substr(0, head.find("\r\n")), request)) return refused(400);
  if (!read_lines(head, request.headers)) return refused(400);
  if (request.keep_alive && request.header("host") == nullptr) return refused(400);
  const auto framing = framing_of(request);
  if (!framing) return refused(400);
  const std::string* connection = request.header("connection");
  request.keep_alive =
      request.keep_alive ? !has_token(connection, "close") : has_token(connection, "keep-alive");
  if (framing->length > kMaxBody) return refused(413);
  wants_continue_ = has_token(request.header("expect"), "100-continue");
  chunked_ = framing->chunked;
  length_ = framing->length;
  head_ = end + 4;
  return {};
}

Parsed RequestParser::read_body(std::string_view bytes, Request& request) {
  const std::string_view rest = bytes.substr(head_);
  Parsed parsed{.wants_continue = wants_continue_};
  if (chunked_) {
    switch (chunks_.read(rest, kMaxBody, request.body)) {
      case ChunkedBody::Outcome::malformed:
        return refused(400);
      case ChunkedBody::Outcome::too_long:
        return refused(413);
      case ChunkedBody::Outcome::need_more:
        return parsed;
      case ChunkedBody::Outcome::complete:
        parsed.used = head_ + chunks_.used();
    }
  } else {
    parsed.needed = head_ + length_;
    if (rest.size() < length_) return parsed;
    request.body.assign(rest.substr(0, length_));
    parsed.used = head_ + length_;
  }
  parsed.outcome = Parsed::Outcome::complete;
  return parsed;
}

}  // namespace mock

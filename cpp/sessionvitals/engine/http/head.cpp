#include "sessionvitals/engine/http/head.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace sessionvitals::engine {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t'; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Eight bytes at once: returns true if one of them is below 0x20 or is 0x7f.
bool may_have_control_character(std::uint64_t bytes) {
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  constexpr std::uint64_t kHighs = 0x8080808080808080U;
  const std::uint64_t below = (bytes - kOnes * 0x20) & ~bytes;
  const std::uint64_t deleted = bytes ^ (kOnes * 0x7f);  // 0x7f becomes 0
  return ((below | ((deleted - kOnes) & ~deleted)) & kHighs) != 0;
}

std::uint64_t eight_bytes_at(const char* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// Returns true if the comma-separated list holds the token.
bool has_token(std::string_view list, std::string_view token) {
  while (true) {
    const std::size_t comma = list.find(',');
    if (equals_ignoring_case(trimmed(list.substr(0, comma)), token)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

std::optional<Violation> read_status_line(std::string_view line, Head& head) {
  constexpr std::string_view kStart = "HTTP/1.";
  const auto violation = [&] {
    return http_violation("a status line such as \"HTTP/1.1 200 OK\"", in_quotes(line));
  };
  if (line.size() < 12 || line.substr(0, kStart.size()) != kStart) return violation();
  if ((line[7] != '0' && line[7] != '1') || line[8] != ' ') return violation();
  if (!is_digit(line[9]) || !is_digit(line[10]) || !is_digit(line[11])) return violation();
  if (line.size() > 12 && line[12] != ' ') return violation();
  if (has_control_character(line)) return violation();
  head.minor_version = line[7] - '0';
  head.http_status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  if (head.http_status < 100) return violation();
  return std::nullopt;
}

std::optional<Violation> read_fields(std::string_view rest, Head& head) {
  constexpr std::size_t kUsual = 14;  // just small enough for the quick lists of glibc's malloc
  head.headers.reserve(kUsual);
  while (rest.size() > 2) {  // the empty line
    const std::size_t end = rest.find("\r\n");
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    if (head.headers.size() == kMaxHeaders) {
      return http_violation("at most 100 header fields", "more than 100");
    }
    const std::size_t colon = line.find(':');
    // Also refuses folded lines and a space before the colon, both of which
    // are known ways to make two readers see two different heads.
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
      return http_violation("a header field such as \"Name: value\"", in_quotes(line));
    }
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (has_control_character(value)) {
      return http_violation("a header field without control characters",
                            "one in the value of " + in_quotes(line.substr(0, colon)));
    }
    Header& field = head.headers.emplace_back();  // in its place: short texts cost more to move
    field.name = line.substr(0, colon);
    field.value = value;
  }
  return std::nullopt;
}

std::optional<Violation> read_length(std::string_view value, std::optional<std::uint64_t>& length) {
  // "5, 5" is one length said twice (RFC 9110 s8.6), and no peer of ours says it.
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (problem != std::errc() || end != value.data() + value.size()) {
    return http_violation("a Content-Length that is one number", in_quotes(value));
  }
  if (length && *length != number) {
    return http_violation("one Content-Length",
                          "two, " + std::to_string(*length) + " and " + std::to_string(number));
  }
  length = number;
  return std::nullopt;
}

/// Decides from the fields how the body ends (RFC 9112 s6.3), and more strictly
/// than that: whatever two readers could take differently is refused.
std::optional<Violation> read_framing(std::string_view method, Head& head) {
  std::optional<std::uint64_t> length;
  bool is_chunked = false;
  bool says_close = false;
  bool says_keep_alive = false;
  for (const Header& field : head.headers) {
    switch (field.name.size()) {  // most fields cost no comparison
      case 10:
        if (equals_ignoring_case(field.name, "Connection")) {
          says_close = says_close || has_token(field.value, "close");
          says_keep_alive = says_keep_alive || has_token(field.value, "keep-alive");
        }
        break;
      case 14:
        if (equals_ignoring_case(field.name, "Content-Length")) {
          if (auto violation = read_length(field.value, length)) return violation;
        }
        break;
      case 17:
        if (equals_ignoring_case(field.name, "Transfer-Encoding")) {
          if (is_chunked || !equals_ignoring_case(field.value, "chunked")) {
            return http_violation("a Transfer-Encoding that is chunked, once",
                                  in_quotes(field.value));
          }
          is_chunked = true;
        }
        break;
      default:
        break;
    }
  }
  if (is_chunked && length) {
    return http_violation("either Content-Length or Transfer-Encoding", "both");
  }
  if (is_chunked && head.minor_version == 0) {
    return http_violation("no Transfer-Encoding in HTTP/1.0", "one");
  }
  head.keeps_alive = !says_close && (head.minor_version == 1 || says_keep_alive);
  if (head.is_interim() || head.http_status == 204 || head.http_status == 304 || method == "HEAD") {
    head.framing = Framing::none;
    return std::nullopt;
  }
  head.framing = is_chunked ? Framing::chunked : (length ? Framing::length : Framing::until_close);
  head.length = length.value_or(0);
  head.keeps_alive = head.keeps_alive && head.framing != Framing::until_close;
  return std::nullopt;
}

}  // namespace

std::size_t find_end_of_head(std::string_view buffer, std::size_t from) {
  // The empty line may have begun in the bytes that were looked at before.
  const std::size_t end = buffer.find("\r\n\r\n", from < 3 ? 0 : from - 3);
  return end == std::string_view::npos ? 0 : end + 4;
}

std::optional<Violation> read_head(std::string_view buffer, std::string_view method, Head& head) {
  const std::size_t end = buffer.find("\r\n");
  if (auto violation = read_status_line(buffer.substr(0, end), head)) return violation;
  if (auto violation = read_fields(buffer.substr(end + 2), head)) return violation;
  return read_framing(method, head);
}

Violation http_violation(std::string_view expected, std::string_view found) {
  return {"", std::string(expected), std::string(found)};
}

bool has_control_character(std::string_view text) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  if (text.size() >= kWord) {
    // The last eight bytes overlap those before them.
    const char* const last = text.data() + text.size() - kWord;
    bool may_have = may_have_control_character(eight_bytes_at(last));
    for (const char* at = text.data(); at < last && !may_have; at += kWord) {
      may_have = may_have_control_character(eight_bytes_at(at));
    }
    if (!may_have) return false;
  }
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
  });
}

std::string shown(std::string_view text, std::size_t longest) {
  std::string result(text.substr(0, longest));
  for (char& c : result) {
    if (c < 0x20 || c > 0x7e) c = '?';
  }
  if (text.size() > longest) result += "...";
  return result;
}

std::string in_quotes(std::string_view text, std::size_t longest) {
  std::string result = shown(text, longest);
  result.insert(result.begin(), '"');
  result += '"';
  return result;
}

}  // namespace sessionvitals::engine

#include "sessionvitals/engine/http/message_reader.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace sessionvitals::engine {
namespace {

using std::string_view_literals::operator""sv;

// RFC 9110 s15.2 sets no bound; curl and Go stop at 5 to 10 as well.
constexpr int kMaxInterimResponses = 8;
// A chunk's size is at most 8 hexadecimal digits here; the rest is extensions,
// which nobody sends. CVE-2023-44487's cousins in Go and Node bound them too.
constexpr std::size_t kMaxChunkLine = 256;
// What chunk sizes and extensions may add to a body: one-byte chunks cost 5
// bytes each, so even those come through up to 50,000 of them.
constexpr std::size_t kMinChunkOverhead = std::size_t{256} * 1024;
constexpr std::size_t kMaxTrailers = std::size_t{8} * 1024;

bool is_hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// Reads "1a" or "1a;extension". Returns nothing if it is not a chunk's size.
/// Spaces before the extension are to be read (RFC 9112 s7.1.1), and old servers
/// pad a size that has none.
std::optional<std::size_t> parse_chunk_size(std::string_view line) {
  const auto end = std::find_if_not(line.begin(), line.end(), is_hex_digit);
  const auto digits = static_cast<std::size_t>(end - line.begin());
  if (digits == 0 || digits > 8) return std::nullopt;
  const auto after =
      std::find_if_not(end, line.end(), [](char c) { return c == ' ' || c == '\t'; });
  if (after != line.end() && *after != ';') return std::nullopt;
  // A char has no sign on some machines.
  const auto is_visible = [](char c) { return (c >= ' ' && c <= '~') || c == '\t'; };
  if (!std::all_of(end, line.end(), is_visible)) return std::nullopt;
  std::size_t size = 0;
  std::from_chars(line.data(), line.data() + digits, size, 16);
  return size;
}

/// A body longer than its limit: "a body of at most 1 MiB".
Violation too_long_body(std::size_t body_limit, std::string found) {
  constexpr std::size_t kMebibyte = std::size_t{1024} * 1024;
  const std::string limit = body_limit % kMebibyte == 0
                                ? std::to_string(body_limit / kMebibyte) + " MiB"
                                : std::to_string(body_limit) + " bytes";
  return {"", "a body of at most " + limit, std::move(found)};
}

/// Returns what a peer speaks that speaks no HTTP/1.x, or its bytes in quotes.
std::string name_protocol(std::string_view said) {
  // RFC 9113 s3.4: a server begins with a SETTINGS frame, of type 4 on stream 0.
  const bool is_settings = said.size() >= 9 && said[3] == 4 && said.substr(5, 4) == "\0\0\0\0"sv;
  if (is_settings) return "a frame of HTTP/2, which is not spoken";
  // RFC 8446 s5.1: an alert or a handshake, and the major version 3.
  const bool is_tls = said.size() >= 2 && (said[0] == 0x15 || said[0] == 0x16) && said[1] == 3;
  if (is_tls) return "a record of TLS: the address wants https";
  return in_quotes(said);
}

/// Returns what is wrong with the beginning of a head, however much of it is there:
/// a peer that does not speak HTTP is told apart by its first line, not after
/// 64 KiB or at the deadline.
std::optional<Violation> check_beginning(std::string_view head) {
  constexpr std::string_view kStart = "HTTP/1.";
  if (head.substr(0, kStart.size()) != kStart.substr(0, head.size())) {
    return http_violation("an HTTP/1.x response", name_protocol(head));
  }
  // Else the end of such a head would be waited for until the deadline. A line that is too long is
  // that, however its bytes come.
  const std::size_t feed = head.substr(0, kMaxStatusLine + 2).find('\n');
  if (feed != std::string_view::npos && head[feed - 1] != '\r') {
    return http_violation("lines that end in CR LF", "a status line that ends in LF alone");
  }
  const std::size_t line = head.find("\r\n");
  // Without its end, its last byte may be the first of the line break.
  if ((line == std::string_view::npos ? head.size() - 1 : line) > kMaxStatusLine) {
    return http_violation("a status line of at most 8192 bytes", "a longer one");
  }
  return std::nullopt;
}

}  // namespace

void MessageReader::start(std::string_view method, std::size_t body_limit) {
  state_ = State::head;
  method_ = method;
  body_limit_ = body_limit;
  interim_ = 0;
  looked_ = announced_ = overhead_ = 0;
  left_ = 0;
}

// A quarter of the body's limit, which is kMinChunkOverhead for the usual one.
std::size_t MessageReader::max_overhead() const {
  return std::max(kMinChunkOverhead, body_limit_ / 4);
}

Event MessageReader::read_head_of(std::string_view& unread) {
  while (!unread.empty()) {
    const std::size_t size = find_end_of_head(unread, looked_);
    if (auto violation = check_beginning(unread)) return *std::move(violation);
    if ((size == 0 ? unread.size() : size) > kMaxHead) {
      return http_violation("a head of at most 64 KiB", "a longer one");
    }
    if (size == 0) break;
    Head head;
    if (auto violation = read_head(unread.substr(0, size), method_, head)) {
      return *std::move(violation);
    }
    unread.remove_prefix(size);
    looked_ = 0;
    if (head.is_interim()) {
      if (head.http_status == 101) {
        return http_violation("no change of protocol, as none was asked for", "101");
      }
      if (++interim_ > kMaxInterimResponses) {
        return http_violation("at most 8 interim responses (1xx)", "more");
      }
      continue;
    }
    switch (head.framing) {
      case Framing::none:
        state_ = State::length;  // of 0
        break;
      case Framing::length:
        state_ = State::length;
        left_ = head.length;
        break;
      case Framing::chunked:
        state_ = State::chunk_size;
        break;
      case Framing::until_close:
        state_ = State::until_close;
        break;
    }
    return head;
  }
  looked_ = unread.size();
  return NeedData{};
}

/// Takes what there is of the body, at most so many bytes.
Event MessageReader::take_data(std::string_view& unread, std::uint64_t most) {
  if (unread.empty()) return NeedData{};
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(most, unread.size()));
  const std::string_view bytes = unread.substr(0, size);
  unread.remove_prefix(size);
  left_ -= std::min<std::uint64_t>(left_, size);
  return Data{bytes};
}

Event MessageReader::read_length(std::string_view& unread) {
  if (left_ > body_limit_) {
    return too_long_body(body_limit_, "one of " + std::to_string(left_) + " bytes");
  }
  if (left_ > 0) return take_data(unread, left_);
  state_ = State::done;
  return End{};
}

Event MessageReader::read_until_close(std::string_view& unread) {
  if (announced_ == body_limit_ && !unread.empty()) {
    return too_long_body(body_limit_, "a longer one");
  }
  Event event = take_data(unread, body_limit_ - announced_);
  if (const auto* data = std::get_if<Data>(&event)) announced_ += data->bytes.size();
  return event;
}

/// Takes a line of the framing, without its line break, and moves to the state
/// that follows from it.
std::optional<Violation> MessageReader::take_chunk_line(std::string_view line) {
  overhead_ += line.size() + 2;
  if (overhead_ > max_overhead()) {
    return http_violation("chunks with at most " + std::to_string(max_overhead() / 1024) +
                              " KiB of sizes and trailers",
                          "more");
  }
  if (state_ == State::chunk_size) {
    const std::optional<std::size_t> size = parse_chunk_size(line);
    if (!size) return http_violation("a chunk's size in hexadecimal", in_quotes(line));
    if (*size > body_limit_ - announced_) {
      return too_long_body(body_limit_, "a longer one, in chunks");
    }
    announced_ += *size;
    left_ = *size;
    state_ = *size == 0 ? State::trailers : State::chunk_data;
  } else if (line.empty()) {
    state_ = State::done;
  }
  return std::nullopt;
}

Event MessageReader::read_chunks(std::string_view& unread) {
  while (state_ != State::done) {
    if (state_ == State::chunk_data) {
      if (unread.size() >= left_) state_ = State::chunk_end;
      return take_data(unread, left_);
    }
    if (state_ == State::chunk_end) {
      constexpr std::string_view kLineBreak = "\r\n";
      if (unread.substr(0, 2) != kLineBreak.substr(0, unread.size())) {
        return http_violation("an end of line after each chunk", in_quotes(unread, 8));
      }
      if (unread.size() < kLineBreak.size()) return NeedData{};
      unread.remove_prefix(kLineBreak.size());
      overhead_ += kLineBreak.size();
      state_ = State::chunk_size;
    }
    const std::size_t end = unread.find("\r\n", looked_ == 0 ? 0 : looked_ - 1);
    const bool is_whole = end != std::string_view::npos;
    const std::size_t longest = state_ == State::trailers ? kMaxTrailers : kMaxChunkLine;
    // Without its end, its last byte may be the first of the line break.
    if (is_whole ? end > longest : unread.size() > longest + 1) {
      return http_violation("chunk sizes and trailers of a sane length", "a longer one");
    }
    if (!is_whole) {
      looked_ = unread.size();
      return NeedData{};
    }
    looked_ = 0;
    if (auto violation = take_chunk_line(unread.substr(0, end))) return *std::move(violation);
    unread.remove_prefix(end + 2);
  }
  return End{};
}

Event MessageReader::next(std::string_view& unread) {
  switch (state_) {
    case State::head:
      return read_head_of(unread);
    case State::length:
      return read_length(unread);
    case State::until_close:
      return read_until_close(unread);
    case State::done:
      return End{};
    default:
      return read_chunks(unread);
  }
}

Event MessageReader::next_at_close(std::string_view& unread) {
  if (state_ == State::until_close && unread.empty()) state_ = State::done;
  return next(unread);
}

}  // namespace sessionvitals::engine

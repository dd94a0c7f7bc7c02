#include "sessionvitals/engine/http/framing.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace sessionvitals::engine {
namespace {

// A chunk's size is at most 8 hexadecimal digits here; the rest is extensions,
// which nobody sends. CVE-2023-44487's cousins in Go and Node bound them too.
constexpr std::size_t kLongestChunkLine = 256;
// What chunk sizes and extensions may add to a body: one-byte chunks cost 5
// bytes each, so even those come through up to 50,000 of them.
constexpr std::size_t kMostChunkOverhead = std::size_t{256} * 1024;
constexpr std::size_t kLongestTrailers = std::size_t{8} * 1024;

bool is_hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// Reads "1a" or "1a;extension". Returns nothing if it is not a chunk's size.
std::optional<std::size_t> parse_chunk_size(std::string_view line) {
  const auto end = std::find_if_not(line.begin(), line.end(), is_hex_digit);
  const auto digits = static_cast<std::size_t>(end - line.begin());
  if (digits == 0 || digits > 8) return std::nullopt;
  if (end != line.end() && *end != ';') return std::nullopt;
  if (std::any_of(end, line.end(), [](char c) { return c < 0x20 && c != '\t'; })) {
    return std::nullopt;
  }
  std::size_t size = 0;
  std::from_chars(line.data(), line.data() + digits, size, 16);
  return size;
}

}  // namespace

void MessageReader::start(std::string_view method) {
  state_ = State::head;
  method_ = method;
  flaw_.reset();
  interim_ = 0;
  looked_ = position_ = body_begin_ = body_end_ = 0;
  chunk_left_ = decoded_ = overhead_ = 0;
}

MessageReader::Progress MessageReader::fail(std::string_view expected, std::string found) {
  flaw_ = Flaw{std::string(expected), std::move(found)};
  return Progress::flawed;
}

MessageReader::Progress MessageReader::finish(std::string_view buffer, std::size_t body_end,
                                              std::size_t size) {
  if (buffer.data() != head_base_) {  // it has grown and moved since
    [[maybe_unused]] const auto none =
        read_head(buffer.substr(head_begin_, head_.size), method_, head_);
  }
  state_ = State::done;
  body_end_ = body_end;
  position_ = size;
  return Progress::whole;
}

MessageReader::Progress MessageReader::read_heads(std::string_view buffer) {
  for (;;) {
    const std::string_view rest = buffer.substr(position_);
    const std::size_t size = find_end_of_head(rest, looked_);
    if (size == 0) {
      looked_ = rest.size();
      // A peer that is not speaking HTTP is told apart by its first line, not
      // after 64 KiB or the deadline.
      const std::size_t line = rest.find("\r\n");
      if (line == std::string_view::npos && rest.size() > kLongestStatusLine) {
        return fail("a status line of at most 8192 bytes", "a longer one");
      }
      constexpr std::string_view kStart = "HTTP/1.";
      if (rest.substr(0, kStart.size()) != kStart.substr(0, rest.size())) {
        return fail("an HTTP/1.x response", quoted(rest));
      }
      if (rest.size() > kLongestHead) return fail("a head of at most 64 KiB", "a longer one");
      return Progress::more;
    }
    if (size > kLongestHead) return fail("a head of at most 64 KiB", "a longer one");
    head_base_ = buffer.data();
    head_begin_ = position_;
    if ((flaw_ = read_head(rest.substr(0, size), method_, head_))) return Progress::flawed;
    position_ += size;
    looked_ = 0;
    if (!head_.is_interim()) break;
    if (head_.http_status == 101) {
      return fail("no change of protocol, as none was asked for", "101");
    }
    if (++interim_ > kMostInterimResponses) {
      return fail("at most 8 interim responses (1xx)", "more");
    }
  }
  body_begin_ = position_;
  switch (head_.framing) {
    case Framing::none:
      return finish(buffer, position_, position_);
    case Framing::length:
      state_ = State::length;
      break;
    case Framing::chunked:
      state_ = State::chunk_size;
      break;
    case Framing::until_close:
      state_ = State::until_close;
      break;
  }
  return Progress::more;
}

MessageReader::Progress MessageReader::read_chunks(std::string_view buffer) {
  for (;;) {
    if (state_ == State::chunk_data) {
      const std::size_t here = std::min(chunk_left_, buffer.size() - position_);
      position_ += here;
      chunk_left_ -= here;
      if (chunk_left_ > 0) return Progress::more;
      state_ = State::chunk_end;
      looked_ = 0;
    }
    // The other states end with a line.
    const std::string_view rest = buffer.substr(position_);
    const std::size_t end = rest.find("\r\n", looked_ == 0 ? 0 : looked_ - 1);
    const std::size_t longest = state_ == State::trailers ? kLongestTrailers : kLongestChunkLine;
    if ((end == std::string_view::npos ? rest.size() : end) > longest) {
      return fail("chunk sizes and trailers of a sane length", "a longer one");
    }
    if (end == std::string_view::npos) {
      if (state_ == State::chunk_end && !rest.empty() && rest.front() != '\r') {
        return fail("an end of line after each chunk", quoted(rest, 8));
      }
      looked_ = rest.size();
      return Progress::more;
    }
    looked_ = 0;
    const std::string_view line = rest.substr(0, end);
    position_ += end + 2;
    overhead_ += end + 2;
    if (overhead_ > kMostChunkOverhead) {
      return fail("chunks with at most 256 KiB of sizes and trailers", "more");
    }
    if (state_ == State::chunk_end) {
      if (!line.empty()) {
        return fail("an end of line after each chunk", quoted(line, 8));
      }
      state_ = State::chunk_size;
    } else if (state_ == State::chunk_size) {
      const std::optional<std::size_t> size = parse_chunk_size(line);
      if (!size) return fail("a chunk's size in hexadecimal", quoted(line));
      if (*size > kLongestBody - decoded_) {
        return fail("a body of at most 1 MiB", "a longer one, in chunks");
      }
      decoded_ += *size;
      chunk_left_ = *size;
      if (*size == 0) body_end_ = position_;
      state_ = *size == 0 ? State::trailers : State::chunk_data;
    } else if (line.empty()) {
      return finish(buffer, body_end_, position_);
    }
  }
}

MessageReader::Progress MessageReader::read(std::string_view buffer) {
  if (state_ == State::head) {
    if (const Progress progress = read_heads(buffer);
        progress != Progress::more || state_ == State::head) {
      return progress;
    }
  }
  const std::size_t here = buffer.size() - body_begin_;
  switch (state_) {
    case State::length:
      if (here < head_.length) return Progress::more;
      return finish(buffer, body_begin_ + static_cast<std::size_t>(head_.length),
                    body_begin_ + static_cast<std::size_t>(head_.length));
    case State::until_close:
      if (here > kLongestBody) return fail("a body of at most 1 MiB", "a longer one");
      return Progress::more;
    case State::done:
      return Progress::whole;
    default:
      return read_chunks(buffer);
  }
}

MessageReader::Progress MessageReader::read_end(std::string_view buffer) {
  const Progress progress = read(buffer);
  if (progress != Progress::more || state_ != State::until_close) return progress;
  return finish(buffer, buffer.size(), buffer.size());
}

}  // namespace sessionvitals::engine

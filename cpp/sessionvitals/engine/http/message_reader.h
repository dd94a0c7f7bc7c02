#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "sessionvitals/engine/http/head.h"

/// Turns the bytes of a response into events, in the manner of h11: bytes in,
/// events out, while the bytes are still coming. Pure; each byte is looked at once.
///
///     interim heads (1xx)*   skipped
///     Head                   once
///     Data*                  the body, without its framing
///     End                    once, as soon as the body is whole
///
/// NeedData may come between any two of them, and Violation in place of any: it is the
/// last event. Trailers are read and dropped.
namespace sessionvitals::engine {

/// There is no further event in the bytes so far.
struct NeedData {
  bool operator==(const NeedData&) const = default;
};

/// A piece of the body, never empty. Points into the bytes that were given.
struct Data {
  std::string_view bytes;

  bool operator==(const Data&) const = default;
};

/// The response is whole.
struct End {
  bool operator==(const End&) const = default;
};

using Event = std::variant<NeedData, Head, Data, End, Violation>;

/// Reads one response, the interim ones before it included.
class MessageReader {
 public:
  /// Starts over, for the answer to a request of that method, whose text must
  /// outlive the reader. A body of more than body_limit bytes is a violation.
  void start(std::string_view method, std::size_t body_limit);

  /// After Head: lets the body be of any length, for one that nobody collects.
  void lift_body_limit() { body_limit_ = std::numeric_limits<std::size_t>::max(); }

  /// Returns the next event, and takes what it was made of off the front of
  /// `unread`: the bytes received and not yet taken. After NeedData the caller
  /// gives the same bytes again, with more behind them. After End, bytes that are
  /// left are nobody's answer.
  Event next(std::string_view& unread);

  /// As next(), once the peer has closed: NeedData then says that the response
  /// has been cut off.
  Event next_at_close(std::string_view& unread);

 private:
  enum class State { head, length, chunk_size, chunk_data, chunk_end, trailers, until_close, done };

  Event read_head_of(std::string_view& unread);
  Event read_chunks(std::string_view& unread);
  Event read_length(std::string_view& unread);
  Event read_until_close(std::string_view& unread);
  Event take_data(std::string_view& unread, std::uint64_t most);
  std::optional<Violation> take_chunk_line(std::string_view line);
  std::size_t max_overhead() const;

  State state_ = State::done;
  std::string_view method_;
  std::size_t body_limit_ = 0;
  int interim_ = 0;            // heads skipped
  std::size_t looked_ = 0;     // bytes of `unread` without the end of the line or head in hand
  std::uint64_t left_ = 0;     // bytes that the body, or the chunk in hand, may still have
  std::size_t announced_ = 0;  // bytes of the body that were given, or that chunks have announced
  std::size_t overhead_ = 0;   // bytes of chunk sizes and trailers so far
};

}  // namespace sessionvitals::engine

#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "sessionvitals/engine/http/head.h"

/// Knows when a response is whole, by its head and by its length or its chunks,
/// while its bytes are still coming; each byte is looked at once. Pure. It
/// decodes nothing: the HTTP library does that (codec.h), once, over the whole.
namespace sessionvitals::engine {

/// Follows one response, the interim ones before it included, through a buffer
/// that only grows at its end.
class MessageReader {
 public:
  enum class Progress { more, whole, flawed };

  /// Starts over, for the answer to a request of that method, which must
  /// outlive the reader.
  void start(std::string_view method);

  /// Looks at the buffer, which holds all bytes received so far. After `flawed`
  /// see flaw(); after `whole` see the rest.
  Progress read(std::string_view buffer);

  /// The peer has closed. Returns whole if that is how the body ends, otherwise
  /// more: the response is incomplete.
  Progress read_end(std::string_view buffer);

  const Flaw& flaw() const { return *flaw_; }

  /// The head of the response proper, once it is whole. Its views point into the
  /// buffer that read() or read_end() was last given.
  const Head& head() const { return head_; }

  /// The bytes of the body as they came, chunk sizes included but without
  /// trailers and without the empty line that ends a chunked body.
  std::size_t body_begin() const { return body_begin_; }
  std::size_t body_end() const { return body_end_; }

  /// How many bytes of the buffer the response took; any after it are a breach
  /// of the connection, though not of the response.
  std::size_t size() const { return position_; }

  /// Whether a whole head has come, interim ones not counted.
  bool has_head() const { return state_ != State::head; }

 private:
  enum class State { head, length, chunk_size, chunk_data, chunk_end, trailers, until_close, done };

  Progress read_heads(std::string_view buffer);
  Progress read_chunks(std::string_view buffer);
  Progress fail(std::string_view expected, std::string found);
  Progress finish(std::string_view buffer, std::size_t body_end, std::size_t size);

  State state_ = State::head;
  std::string_view method_;
  std::optional<Flaw> flaw_;
  Head head_;
  const char* head_base_ = nullptr;  // of the buffer that head_ was read from
  std::size_t head_begin_ = 0;
  int interim_ = 0;           // heads skipped
  std::size_t looked_ = 0;    // bytes without the end of the line or head in hand
  std::size_t position_ = 0;  // where the head, body, chunk or trailer in hand begins
  std::size_t body_begin_ = 0;
  std::size_t body_end_ = 0;
  std::size_t chunk_left_ = 0;  // of the chunk in hand
  std::size_t decoded_ = 0;     // bytes of all chunks so far
  std::size_t overhead_ = 0;    // bytes of chunk sizes and extensions so far
};

}  // namespace sessionvitals::engine

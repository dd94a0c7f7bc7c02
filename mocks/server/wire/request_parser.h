// Bytes to requests (RFC 9112), strictly and in linear time however small the pieces are in which
// they come. Pure: no socket, no clock.
#pragma once

#include <cstddef>
#include <string_view>

#include "values/http.h"
#include "wire/chunked.h"

namespace mock {

struct Parsed {
  enum class Outcome { need_more, complete, refused };

  Outcome outcome = Outcome::need_more;
  std::size_t used = 0;         // bytes that the request took, when complete
  std::size_t needed = 0;       // need_more: not worth another look with fewer bytes than this
  int http_status = 400;        // when refused: answer this and close
  bool wants_continue = false;  // need_more, and the client waits for 100 Continue
};

/// More than a client's head may have: node.js, which the elizaOS server runs on, stops there too.
inline constexpr std::size_t kMaxHead = 16384;
/// More than any body of the vendors' calls; a scenario of 10,000 sessions fits.
inline constexpr std::size_t kMaxBody = 8 * 1024 * 1024;

/// Reads the requests of one connection, one after the other.
class RequestParser {
 public:
  /// Reads on in one request. `bytes` is everything received from its start on; `request` must be
  /// the same until the outcome is another than need_more.
  Parsed read(std::string_view bytes, Request& request);

 private:
  Parsed read_on(std::string_view bytes, Request& request);
  Parsed read_head(std::string_view bytes, Request& request);
  Parsed read_body(std::string_view bytes, Request& request);

  std::size_t searched_ = 0;  // bytes in which no end of the head was found
  std::size_t head_ = 0;      // the head's size, once it is read
  bool chunked_ = false;
  std::size_t length_ = 0;  // of a body that is not chunked
  bool wants_continue_ = false;
  ChunkedBody chunks_;
};

}  // namespace mock

// Bytes to requests. cpp-httplib reads the request line; this file is its only includer, and it
// never sees a socket.
//
// What is not left to the library, and why: header lines are read here, since 0.11.4
// percent-decodes their values, drops empty ones, skips malformed ones and loses their order, and a
// journal must show what was sent; so no Range or Accept reaches it, whose std::regex a long one
// overflows; body lengths are checked here, since 0.11.4 takes "Content-Length: abc" for 0; and
// answers are written by to_bytes(), since the library adds headers of its own and cannot spell a
// status it does not know. A whole head through it, and its answer to nowhere, were two thirds of
// all instructions a request cost.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "values/http.h"

namespace mock {

struct Decoded {
  enum class Outcome { need_more, complete, refused };

  Outcome outcome = Outcome::need_more;
  std::size_t used = 0;         // bytes that the request took, when complete
  std::size_t needed = 0;       // need_more: not worth another look with fewer bytes than this
  int http_status = 400;        // when refused: answer this and close
  bool wants_continue = false;  // need_more, and the client waits for 100 Continue
};

/// More than a client's head may have: node.js, which the elizaOS server runs on, stops there too.
inline constexpr std::size_t kMostHead = 16384;
/// More than any body of the vendors' calls; a scenario of 10,000 sessions fits.
inline constexpr std::size_t kMostBody = 8 * 1024 * 1024;

class Codec {
 public:
  Codec();
  ~Codec();

  /// Reads one request from the start of `bytes`, everything received and not yet used.
  Decoded decode(std::string_view bytes, Request& request);

 private:
  class Library;
  std::unique_ptr<Library> library_;
};

}  // namespace mock

// The chunked coding of a request body (RFC 9112 s7.1), read from memory.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mock {

struct Chunks {
  enum class Outcome { need_more, complete, malformed, too_long };

  Outcome outcome;
  std::size_t used = 0;  // bytes taken, trailers included, when complete
};

/// Decodes into `body`, which is worthless unless the outcome is `complete`.
Chunks read_chunks(std::string_view bytes, std::size_t most, std::string& body);

}  // namespace mock

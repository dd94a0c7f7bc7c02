// The chunked coding of a request body (RFC 9112 s7.1), read from memory piece by piece.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mock {

class ChunkedBody {
 public:
  enum class Outcome { need_more, complete, malformed, too_long };

  /// Reads on, appending to `body`. `bytes` is everything received from the first chunk on.
  Outcome read(std::string_view bytes, std::size_t most, std::string& body);

  /// The bytes taken, trailers included, when complete.
  std::size_t used() const { return at_; }

 private:
  enum class Part { size, data, trailers };

  Part part_ = Part::size;
  std::size_t at_ = 0;        // where the part begins
  std::size_t searched_ = 0;  // up to where no line's end was found
  std::size_t size_ = 0;      // of the present chunk
  std::size_t trailers_ = 0;  // where they begin
};

}  // namespace mock

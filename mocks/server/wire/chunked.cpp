#include "wire/chunked.h"

#include <charconv>

namespace mock {

namespace {

// Longer than any size line with sane extensions, and than any trailer line worth waiting for.
constexpr std::size_t kMostLine = 1024;

}  // namespace

Chunks read_chunks(std::string_view bytes, std::size_t most, std::string& body) {
  using Outcome = Chunks::Outcome;
  body.clear();
  for (std::size_t at = 0;;) {
    const std::size_t end = bytes.find("\r\n", at);
    if (end == std::string_view::npos) {
      return {bytes.size() - at > kMostLine ? Outcome::malformed : Outcome::need_more};
    }
    std::size_t size = 0;
    const char* first = bytes.data() + at;
    const auto read = std::from_chars(first, bytes.data() + end, size, 16);
    const bool ends_well = read.ptr == bytes.data() + end || *read.ptr == ';' || *read.ptr == ' ';
    if (read.ec != std::errc() || !ends_well) return {Outcome::malformed};
    at = end + 2;
    if (size == 0) {
      // Trailers, until an empty line; nothing here has a use for them.
      for (std::size_t line = at;;) {
        const std::size_t stop = bytes.find("\r\n", line);
        if (stop == std::string_view::npos) {
          return {bytes.size() - line > kMostLine ? Outcome::malformed : Outcome::need_more};
        }
        if (stop == line) return {Outcome::complete, stop + 2};
        line = stop + 2;
        if (line - at > 8 * kMostLine) return {Outcome::malformed};
      }
    }
    if (size > most - body.size()) return {Outcome::too_long};
    if (bytes.size() - at < size + 2) return {Outcome::need_more};
    body.append(bytes.substr(at, size));
    at += size;
    if (bytes.substr(at, 2) != "\r\n") return {Outcome::malformed};
    at += 2;
  }
}

}  // namespace mock

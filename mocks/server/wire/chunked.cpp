#include "wire/chunked.h"

#include <algorithm>
#include <charconv>

namespace mock {

namespace {

// Longer than any size line with sane extensions, and than any trailer line worth waiting for.
constexpr std::size_t kMaxLine = 1024;
constexpr std::size_t kMaxTrailers = 8 * kMaxLine;

bool read_size(std::string_view line, std::size_t& size) {
  const char* end = line.data() + line.size();
  const auto read = std::from_chars(line.data(), end, size, 16);
  const bool ends_well = read.ptr == end || *read.ptr == ';' || *read.ptr == ' ';
  return read.ec == std::errc() && ends_well;
}

}  // namespace

ChunkedBody::Outcome ChunkedBody::read(std::string_view bytes, std::size_t most,
                                       std::string& body) {
  for (;;) {
    if (part_ == Part::data) {
      if (bytes.size() - at_ < size_ + 2) return Outcome::need_more;
      body.append(bytes.substr(at_, size_));
      at_ += size_;
      if (bytes.substr(at_, 2) != "\r\n") return Outcome::malformed;
      at_ += 2;
      part_ = Part::size;
      continue;
    }
    const std::size_t end = bytes.find("\r\n", std::max(at_, searched_));
    if (end == std::string_view::npos) {
      searched_ = bytes.empty() ? 0 : bytes.size() - 1;
      return bytes.size() - at_ > kMaxLine ? Outcome::malformed : Outcome::need_more;
    }
    const std::string_view line = bytes.substr(at_, end - at_);
    at_ = end + 2;
    if (part_ == Part::trailers) {
      if (line.empty()) return Outcome::complete;
      if (at_ - trailers_ > kMaxTrailers) return Outcome::malformed;
      continue;
    }
    if (!read_size(line, size_)) return Outcome::malformed;
    if (size_ > most - body.size()) return Outcome::too_long;
    part_ = size_ == 0 ? Part::trailers : Part::data;
    trailers_ = at_;
  }
}

}  // namespace mock

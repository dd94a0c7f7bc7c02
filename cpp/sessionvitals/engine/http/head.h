#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sessionvitals/http.h"

/// The first line of defence against a peer: reads the head of a response from
/// a buffer and refuses whatever is not plainly one, before the HTTP library
/// sees a byte of it. Pure: bytes in, values out. It reads no body (framing.h)
/// and hands nothing to the library (codec.h).
namespace sessionvitals::engine {

// nginx and Node give a head 8 to 16 KiB, curl 300 KiB, Go 1 MiB; none of the
// vendors comes near 4 KiB.
inline constexpr std::size_t kLongestHead = std::size_t{64} * 1024;
// As Apache's LimitRequestFields and cpp-httplib's own, newer limit.
inline constexpr std::size_t kMostFields = 100;
// "HTTP/1.1 503 " and a reason in words; a longer one is no reason phrase.
inline constexpr std::size_t kLongestStatusLine = 8192;
// Bodies in all three contracts are under 64 KiB (DESIGN, rule 5).
inline constexpr std::size_t kLongestBody = std::size_t{1024} * 1024;
// RFC 9110 s15.2 sets no bound; curl and Go stop at 5 to 10 as well.
inline constexpr int kMostInterimResponses = 8;

/// What an answer got wrong, in words: "a Content-Length that is a number", "..."
struct Flaw {
  std::string expected;
  std::string found;
};

struct Field {
  std::string_view name;
  std::string_view value;  // without the white space around it, otherwise verbatim
};

enum class Framing { none, length, chunked, until_close };

/// The head of one response. The views point into the buffer it was read from.
struct Head {
  int http_status = 0;
  int minor_version = 1;  // of HTTP/1.x
  std::vector<Field> fields;
  std::size_t size = 0;  // in bytes, the empty line included
  Framing framing = Framing::until_close;
  std::uint64_t length = 0;  // of the body, if framing is length
  bool keeps_alive = false;  // the peer means to keep the connection open

  bool is_interim() const { return http_status < 200; }
};

/// Returns where the head in the buffer ends (just past its empty line), or 0 if
/// it is not whole yet. `from` is how far an earlier call has looked.
std::size_t find_end_of_head(std::string_view buffer, std::size_t from);

/// Reads a whole head, as find_end_of_head has delimited it, of an answer to a
/// request of that method. Writes to `head`, whose vector is reused. Returns
/// what is wrong with it, if anything is.
std::optional<Flaw> read_head(std::string_view buffer, std::string_view method, Head& head);

/// Returns text fit to be shown: at most `longest` characters, and whatever is
/// not printable ASCII replaced by '?'.
std::string shown(std::string_view text, std::size_t longest = 60);

/// Returns the same between double quotes.
std::string quoted(std::string_view text, std::size_t longest = 60);

}  // namespace sessionvitals::engine

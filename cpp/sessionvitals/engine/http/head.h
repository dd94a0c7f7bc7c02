#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sessionvitals/errors.h"
#include "sessionvitals/http.h"

/// Reads the head of one response and refuses whatever is not plainly one, also
/// where RFC 9112 would be lenient: two readers that could take a head differently
/// are what attacks on HTTP live on. Pure. It reads no body (message_reader.h).
namespace sessionvitals::engine {

// nginx and Node allow a head of 8 to 16 KiB, curl 300 KiB, Go 1 MiB; none of the
// vendors comes near 4 KiB.
inline constexpr std::size_t kMaxHead = std::size_t{64} * 1024;
// As Apache's LimitRequestFields.
inline constexpr std::size_t kMaxHeaders = 100;
// "HTTP/1.1 503 " and a reason in words; a longer one is no reason phrase.
inline constexpr std::size_t kMaxStatusLine = 8192;

/// How the body ends (RFC 9112 s6.3).
enum class Framing { none, length, chunked, until_close };

/// The head of one response.
struct Head {
  int http_status = 0;
  int minor_version = 1;        // of HTTP/1.x
  std::vector<Header> headers;  // values without the white space around them
  Framing framing = Framing::until_close;
  std::uint64_t length = 0;  // of the body, if framing is length
  bool keeps_alive = false;  // the peer keeps the connection open after the body

  bool is_interim() const { return http_status < 200; }
  bool operator==(const Head&) const = default;
};

/// Returns where the head in the buffer ends (just past its empty line), or 0 if
/// it is not whole yet. `from` is how far an earlier call has looked.
std::size_t find_end_of_head(std::string_view buffer, std::size_t from);

/// Reads a whole head, as find_end_of_head has delimited it, of an answer to a
/// request of that method. Writes to `head`, whose headers must be empty. Returns
/// what is wrong with it, if anything is.
std::optional<Violation> read_head(std::string_view buffer, std::string_view method, Head& head);

/// Returns what breaks the rules of HTTP, in words. Cold, so that what makes the words is out of
/// the way of reading.
[[gnu::cold]] Violation http_violation(std::string_view expected, std::string_view found);

/// Returns true if the text has a byte that no header's value may have (RFC 9110
/// s5.5): below 0x20, but for a tab, or 0x7f.
bool has_control_character(std::string_view text);

/// Returns text fit to be shown: at most `longest` characters, and whatever is
/// not printable ASCII replaced by '?'.
std::string shown(std::string_view text, std::size_t longest = 60);

/// Returns the same between double quotes. It is not called as std::quoted is: that one would be
/// found for a std::string wherever a standard header brings it.
std::string in_quotes(std::string_view text, std::size_t longest = 60);

}  // namespace sessionvitals::engine

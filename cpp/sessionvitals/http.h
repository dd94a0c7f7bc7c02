#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// HTTP as plain values.
///
/// A provider writes a Request and reads a Response; a transport turns the one
/// into the other. Nothing in this header opens a socket, so everything built
/// on it alone can be tested by calling it.
namespace sessionvitals {

/// How long a response's body may be where an operation says nothing else. Bodies
/// in all three contracts are under 64 KiB.
inline constexpr std::size_t kDefaultBodyLimit = std::size_t{1024} * 1024;

struct Header {
  std::string name;
  std::string value;
  bool is_secret = false;  // the value is a credential: never shown, logged or recorded

  bool operator==(const Header&) const = default;
};

struct Request {
  std::string method;
  std::string target;  // path and query, already percent-encoded; never a host
  std::vector<Header> headers;
  std::string body;

  bool operator==(const Request&) const = default;
};

struct Response {
  int http_status = 0;
  std::vector<Header> headers;
  std::string body;

  bool operator==(const Response&) const = default;
};

/// Returns the first header of that name, compared without case (RFC 9110
/// s5.1), or nullptr. It points into `headers`.
const std::string* find_header(const std::vector<Header>& headers, std::string_view name);

/// Compares without case, as field names and most tokens are (RFC 9110 s5.1).
bool equals_ignoring_case(std::string_view left, std::string_view right);

/// Returns text with every byte outside RFC 3986's unreserved set written as
/// %XX, so that it can stand as exactly one path segment.
std::string percent_encode(std::string_view text);

/// Appends the same to `encoded`.
void append_percent_encoded(std::string& encoded, std::string_view text);

/// Returns true for a token of RFC 9110 s5.6.2, which is what a header's name
/// and a method may be.
bool is_token(std::string_view text);

}  // namespace sessionvitals

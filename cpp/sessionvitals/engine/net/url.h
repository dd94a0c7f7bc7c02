#pragma once

#include <string>

#include "sessionvitals/errors.h"
#include "sessionvitals/result.h"

/// A base URL taken apart. Pure; knows no vendor and resolves nothing.
namespace sessionvitals::engine {

struct Url {
  bool is_tls = false;
  std::string host;    // lower case; an IPv6 address without its brackets
  int port = 0;        // 1 to 65535
  std::string prefix;  // of the path: "" or "/customer/v2", never with a slash at the end

  bool operator==(const Url&) const = default;
};

/// Reads "http[s]://host[:port][/prefix]". Slashes at the end are dropped.
/// Fails with a ConfigurationError for anything else: user information, a query,
/// a fragment, spaces, control characters and ports out of range included. The
/// message never shows what stands before an '@', which may be a password.
Result<Url> parse_base_url(const std::string& text);

/// Returns "host" or "[v6]", as it stands in a URL.
std::string bracketed(const std::string& host);

/// Returns "https://api.example.com:443", always with the port.
std::string origin_of(const Url& url);

/// Returns what the Host header says: the port only if it is not the scheme's own.
std::string host_header_of(const Url& url);

/// Returns the host without the dot at its end, which says to the resolver that the name is whole,
/// and stands in no certificate (RFC 6066 s3) and in no list of hosts.
std::string without_final_dot(const std::string& host);

/// Returns true for an IPv4 or IPv6 address in numbers.
bool is_numeric_address(const std::string& host);

}  // namespace sessionvitals::engine

#include "sessionvitals/engine/net/url.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

namespace sessionvitals::engine {
namespace {

// RFC 1035 s2.3.4 allows 253 characters; a longer name cannot resolve.
constexpr std::size_t kMaxHost = 253;
// Half of the 8 KiB that servers commonly allow for a request line.
constexpr std::size_t kMaxPrefix = 4096;

Error refuse(const std::string& why) {
  return {ErrorKind::configuration_error, "The base URL " + why +
                                              ". It must look like https://api.example.com or "
                                              "http://localhost:3000/prefix."};
}

char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

bool is_visible(char c) { return c > 0x20 && c < 0x7f; }

/// Returns the port, or nothing if the text is not one.
std::optional<int> parse_port(std::string_view text) {
  int port = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (text.front() == '-' || port < 1 || port > 65535) return std::nullopt;
  return port;
}

/// Splits "host", "host:port", "[v6]" or "[v6]:port" into the URL's members.
std::optional<Error> read_authority(std::string_view authority, Url& url) {
  std::string_view host = authority;
  std::string_view port;
  bool has_port = false;
  if (!authority.empty() && authority.front() == '[') {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return refuse("opens a '[' that it never closes");
    host = authority.substr(1, close - 1);
    std::string_view rest = authority.substr(close + 1);
    if (!rest.empty() && rest.front() != ':') return refuse("has text between ']' and the port");
    has_port = !rest.empty();
    if (has_port) port = rest.substr(1);
    in6_addr ignored{};
    if (::inet_pton(AF_INET6, std::string(host).c_str(), &ignored) != 1) {
      return refuse("has something other than an IPv6 address between '[' and ']'");
    }
  } else {
    const std::size_t colon = authority.find(':');
    has_port = colon != std::string_view::npos;
    host = authority.substr(0, colon);
    if (has_port) port = authority.substr(colon + 1);
  }
  if (host.empty() || host == ".") return refuse("names no host");
  if (host.size() > kMaxHost) return refuse("has a host name of over 253 characters");
  url.host.assign(host);
  std::transform(url.host.begin(), url.host.end(), url.host.begin(), to_lower);
  if (authority.front() != '[' &&
      !std::all_of(url.host.begin(), url.host.end(), is_host_character)) {
    return refuse("has a character in its host that no host name has");
  }
  url.port = url.is_tls ? 443 : 80;
  if (has_port) {
    const std::optional<int> number = port.empty() ? std::nullopt : parse_port(port);
    if (!number) return refuse("has a port that is not a number from 1 to 65535");
    url.port = *number;
  }
  return std::nullopt;
}

}  // namespace

Result<Url> parse_base_url(const std::string& text) {
  std::string_view rest = text;
  Url url;
  const auto starts_with = [&](std::string_view scheme) {
    return rest.size() >= scheme.size() &&
           std::equal(scheme.begin(), scheme.end(), rest.begin(),
                      [](char ours, char theirs) { return ours == to_lower(theirs); });
  };
  if (text.empty()) return refuse("is empty");
  if (starts_with("https://")) {
    url.is_tls = true;
    rest.remove_prefix(8);
  } else if (starts_with("http://")) {
    rest.remove_prefix(7);
  } else {
    return refuse("does not begin with http:// or https://");
  }
  if (!std::all_of(rest.begin(), rest.end(), is_visible)) {
    return refuse("has a space, a control character or a character outside ASCII in it");
  }
  if (rest.find('?') != std::string_view::npos) return refuse("has a query (a '?') in it");
  if (rest.find('#') != std::string_view::npos) return refuse("has a fragment (a '#') in it");
  if (rest.find('\\') != std::string_view::npos) return refuse("has a backslash in it");

  const std::size_t slash = rest.find('/');
  const std::string_view authority = rest.substr(0, slash);
  if (authority.find('@') != std::string_view::npos) {
    return refuse("has user information (an '@') in it, and credentials do not belong there");
  }
  if (auto problem = read_authority(authority, url)) return *std::move(problem);

  std::string_view prefix = slash == std::string_view::npos ? "" : rest.substr(slash);
  while (!prefix.empty() && prefix.back() == '/') prefix.remove_suffix(1);
  if (prefix.size() > kMaxPrefix) return refuse("has a path of over 4096 characters");
  url.prefix.assign(prefix);
  return url;
}

std::string bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

std::string origin_of(const Url& url) {
  return (url.is_tls ? "https://" : "http://") + bracketed(url.host) + ":" +
         std::to_string(url.port);
}

std::string host_header_of(const Url& url) {
  const bool is_default = url.port == (url.is_tls ? 443 : 80);
  return is_default ? bracketed(url.host) : bracketed(url.host) + ":" + std::to_string(url.port);
}

std::string without_final_dot(const std::string& host) {
  return host.ends_with('.') ? host.substr(0, host.size() - 1) : host;
}

bool is_numeric_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> ignored{};
  return ::inet_pton(AF_INET, host.c_str(), ignored.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), ignored.data()) == 1;
}

}  // namespace sessionvitals::engine

#include "sessionvitals/engine/net/proxy.h"

#include <arpa/inet.h>

#include <array>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <string_view>

#include "sessionvitals/engine/http/head.h"

namespace sessionvitals::engine {
namespace {

/// Reads a variable by its lower-case name, then by its upper-case one.
void read_variable(const char* lower, const char* upper, std::string& value, std::string& name) {
  const char* found = std::getenv(lower);
  name = lower;
  if ((found == nullptr || *found == '\0') && upper != nullptr) {
    found = std::getenv(upper);
    name = upper;
  }
  value = found != nullptr ? found : "";
}

std::string encode_base64(std::string_view text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result;
  for (std::size_t at = 0; at < text.size(); at += 3) {
    unsigned bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = bits << 8 | (at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      result += at + i <= text.size() ? kDigits[bits >> (18 - 6 * i) & 63U] : '=';
    }
  }
  return result;
}

std::string decode_percent(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned byte = 0;
    if (text[at] == '%' && at + 2 < text.size() &&
        std::from_chars(&text[at + 1], &text[at + 1] + 2, byte, 16).ptr == &text[at + 1] + 2) {
      result += static_cast<char>(byte);
      at += 2;
    } else {
      result += text[at];
    }
  }
  return result;
}

/// Reads a proxy's URL. `source` is whose it is, for the error.
Result<Proxy> parse_proxy(const std::string& text, const std::string& source) {
  const auto refuse = [&](const std::string& why) {
    return Error(ErrorKind::configuration_error, "The proxy in " + source + " " + why +
                                                     ". It must look like "
                                                     "http://proxy.example.com:3128.");
  };
  const std::size_t scheme = text.find("://");
  std::string rest = scheme == std::string::npos ? text : text.substr(scheme + 3);
  if (scheme != std::string::npos && !equals_ignoring_case(text.substr(0, scheme), "http")) {
    return refuse("is not an http:// proxy, and no other kind is spoken here");
  }
  Proxy proxy;
  if (const std::size_t at = rest.rfind('@'); at != std::string::npos) {
    proxy.authorization = "Basic " + encode_base64(decode_percent(rest.substr(0, at)));
    rest.erase(0, at + 1);
  }
  rest.erase(std::min(rest.find('/'), rest.size()));
  const Result<Url> url = parse_base_url("http://" + rest);
  if (!url) return refuse("is not a host with a port");
  proxy.host = url->host;
  // Without a port it is 80, as an http:// URL says, and as Go and Python's HTTP clients take it.
  // curl takes 1080.
  proxy.port = url->port;
  return proxy;
}

/// An IPv4 or IPv6 address as 4 or 16 bytes, or nothing.
std::string to_bytes(const std::string& text) {
  std::array<char, 16> bytes{};
  if (::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) return {bytes.data(), 4};
  if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return {bytes.data(), 16};
  return {};
}

bool is_in_network(const std::string& network, const std::string& host) {
  const std::size_t slash = network.find('/');
  const std::string base = to_bytes(network.substr(0, slash));
  const std::string address = to_bytes(host);
  if (base.empty() || base.size() != address.size()) return false;
  std::size_t bits = base.size() * 8;
  if (slash != std::string::npos) {
    const char* begin = network.data() + slash + 1;
    const char* end = network.data() + network.size();
    const auto [last, problem] = std::from_chars(begin, end, bits);
    if (problem != std::errc() || last != end || bits > base.size() * 8) return false;
  }
  for (std::size_t bit = 0; bit < bits; ++bit) {
    const unsigned mask = 0x80U >> (bit % 8);
    if (((static_cast<unsigned char>(base[bit / 8]) ^
          static_cast<unsigned char>(address[bit / 8])) &
         mask) != 0) {
      return false;
    }
  }
  return true;
}

/// Takes ":port" or "[v6]:port" off an entry; returns whether the port, if
/// there is one, is that of the URL.
bool take_port(std::string& entry, int port) {
  std::size_t colon = entry.rfind(':');
  if (!entry.empty() && entry.front() == '[') {
    const std::size_t close = entry.find(']');
    if (close == std::string::npos) return false;
    const std::string rest = entry.substr(close + 1);
    entry = entry.substr(1, close - 1);
    return rest.empty() || (rest.front() == ':' && rest.substr(1) == std::to_string(port));
  }
  // More than one colon is an IPv6 address without brackets.
  if (colon == std::string::npos || entry.find(':') != colon) return true;
  const std::string number = entry.substr(colon + 1);
  entry.erase(colon);
  return number == std::to_string(port);
}

bool names_host(std::string entry, const std::string& host, int port) {
  if (entry == "*") return true;
  if (!take_port(entry, port)) return false;
  entry = without_final_dot(entry);
  if (const std::string bytes = to_bytes(entry.substr(0, entry.find('/'))); !bytes.empty()) {
    return is_in_network(entry, host);
  }
  for (char& c : entry) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (entry.starts_with("*.")) entry.erase(0, 1);
  if (entry.starts_with('.')) entry.erase(0, 1);
  if (entry.empty() || !host.ends_with(entry)) return false;
  if (host.size() == entry.size()) return true;
  // An address has no names below it.
  return host[host.size() - entry.size() - 1] == '.' && to_bytes(host).empty();
}

}  // namespace

ProxyEnvironment read_proxy_environment() {
  ProxyEnvironment result;
  const bool is_cgi = std::getenv("REQUEST_METHOD") != nullptr;
  read_variable("http_proxy", is_cgi ? nullptr : "HTTP_PROXY", result.http_proxy, result.http_name);
  read_variable("https_proxy", "HTTPS_PROXY", result.https_proxy, result.https_name);
  read_variable("all_proxy", "ALL_PROXY", result.all_proxy, result.all_name);
  read_variable("no_proxy", "NO_PROXY", result.no_proxy, result.no_name);
  return result;
}

bool is_excluded(const std::string& no_proxy, const std::string& host, int port) {
  std::size_t at = 0;
  while (at <= no_proxy.size()) {
    const std::size_t end = std::min(no_proxy.find_first_of(", \t", at), no_proxy.size());
    if (end > at && names_host(no_proxy.substr(at, end - at), without_final_dot(host), port)) {
      return true;
    }
    at = end + 1;
  }
  return false;
}

Result<ProxyChoice> choose_proxy(const Url& url, const TransportOptions& options,
                                 const ProxyEnvironment& environment) {
  std::string text = options.proxy;
  std::string source = "the option proxy";
  if (text.empty()) {
    if (!options.trust_env) return ProxyChoice{{}, "none: the environment is not heeded"};
    text = url.is_tls ? environment.https_proxy : environment.http_proxy;
    source = url.is_tls ? environment.https_name : environment.http_name;
    if (text.empty()) {
      text = environment.all_proxy;
      source = environment.all_name;
    }
    if (text.empty()) return ProxyChoice{{}, "none: no variable names one"};
    if (is_excluded(environment.no_proxy, url.host, url.port)) {
      return ProxyChoice{{}, "none: " + environment.no_name + " names " + url.host};
    }
  }
  Result<Proxy> proxy = parse_proxy(text, source);
  if (!proxy) return std::move(proxy).error();
  return ProxyChoice{*std::move(proxy), source};
}

std::string advice_for_refusal(int http_status, const Proxy& proxy) {
  if (http_status != 407) return ". Check that it allows this host and port.";
  return proxy.authorization.empty()
             ? ". Put user:password@ into the proxy's URL."
             : ". Check the user and the password in the proxy's URL: it was sent as Basic "
               "authentication, with no other kind spoken here.";
}

}  // namespace sessionvitals::engine

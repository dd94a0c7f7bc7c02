#include "admin/access.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "admin/admin.h"

namespace mock {

namespace {

// An IPv4 or IPv6 address as bytes; nothing when the text is neither.
std::optional<std::string> address_bytes(const std::string& text) {
  std::array<char, sizeof(in6_addr)> bytes;
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) return std::string(bytes.data(), 4);
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return std::string(bytes.data(), 16);
  return std::nullopt;
}

struct HostPort {
  std::string host;  // lower case, an IPv6 address without its brackets
  std::string port;  // empty when none is given
};

bool is_port(std::string_view text) {
  return text.size() <= 5 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

std::optional<HostPort> parse_host_port(std::string_view text) {
  HostPort parsed;
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t end = std::min(text.find(']'), text.size());
    parsed.host = lower_case(text.substr(1, end - 1));
    rest = text.substr(std::min(text.size(), end + 1));
    const bool is_six = parsed.host.find(':') != std::string::npos;
    if (end == text.size() || !is_six || !address_bytes(parsed.host)) return std::nullopt;
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    parsed.host = lower_case(text.substr(0, colon));
    rest = text.substr(colon);
    if (parsed.host.empty() || !std::ranges::all_of(parsed.host, is_host_character)) {
      return std::nullopt;
    }
  }
  if (rest.empty()) return parsed;
  if (rest.front() != ':' || !is_port(rest.substr(1))) return std::nullopt;
  parsed.port = rest.substr(1);
  return parsed;
}

struct Origin {
  std::string scheme;
  HostPort at;
};

std::optional<Origin> parse_origin(std::string_view text) {
  for (const std::string_view scheme : {"http", "https"}) {
    const std::string start = std::string(scheme) + "://";
    if (!equals_ignoring_case(text.substr(0, start.size()), start)) continue;
    auto at = parse_host_port(text.substr(start.size()));
    if (!at) return std::nullopt;
    if (at->port.empty()) at->port = scheme == "http" ? "80" : "443";
    return Origin{std::string(scheme), std::move(*at)};
  }
  return std::nullopt;
}

bool is_wildcard(const std::string& address) { return address == "0.0.0.0" || address == "::"; }

bool is_listed(const std::vector<std::string>& hosts, std::string_view host) {
  return std::ranges::any_of(hosts, [&](std::string_view each) {
    if (!each.starts_with("*.")) return equals_ignoring_case(each, host);
    each.remove_prefix(1);
    return host.size() > each.size() &&
           equals_ignoring_case(host.substr(host.size() - each.size()), each);
  });
}

bool is_allowed_host(const AdminAccess& access, const std::string& host) {
  if (const auto bytes = address_bytes(host)) {
    // DNS rebinding needs a name, so that any address will do where all are listened on.
    if (is_wildcard(access.address)) return true;
    for (const std::string& own : {access.address, std::string("127.0.0.1"), std::string("::1")}) {
      if (bytes == address_bytes(own)) return true;
    }
    return is_listed(access.hosts, host);
  }
  if (host == "localhost" || host.ends_with(".localhost") || is_listed(access.hosts, host)) {
    return true;
  }
  // The public DNS has no names without a dot; docker compose has: http://mock:8750.
  return host.find('.') == std::string::npos;
}

std::vector<std::string_view> all_of(const Request& request, std::string_view name) {
  std::vector<std::string_view> values;
  for (const Header& header : request.headers) {
    if (equals_ignoring_case(header.name, name)) values.push_back(header.value);
  }
  return values;
}

bool is_value(const Request& request, std::string_view name, std::string_view wanted) {
  const std::string* value = request.header(name);
  return value != nullptr && *value == wanted;
}

bool is_same(const Origin& origin, const HostPort& host) {
  const std::string own = origin.scheme == "http" ? "80" : "443";
  return origin.at.host == host.host && origin.at.port == (host.port.empty() ? own : host.port);
}

// The origin of the request when --allow-origin lists it, as it was sent.
std::optional<std::string_view> allowed_origin(const AdminAccess& access, const Request& request) {
  const auto sent = all_of(request, "Origin");
  const auto origin = sent.size() == 1 ? parse_origin(sent[0]) : std::nullopt;
  if (!origin) return std::nullopt;
  for (const std::string& each : access.origins) {
    const auto listed = parse_origin(each);
    if (listed->scheme == origin->scheme && is_same(*listed, origin->at)) return sent[0];
  }
  return std::nullopt;
}

bool is_index(const Target& target) {
  return target.path == "/__admin" || target.path == "/__admin/";
}

bool is_read(const Request& request) { return request.method == "GET" || request.method == "HEAD"; }

// What another site may ask for: neither shows what is in a space.
bool is_open_to_all_sites(const Request& request, const Target& target) {
  if (!is_read(request)) return false;
  if (target.path == "/__admin/health") return true;
  return is_index(target) && is_value(request, "Sec-Fetch-Mode", "navigate") &&
         is_value(request, "Sec-Fetch-Dest", "document");
}

bool comes_from_elsewhere(const Request& request, const HostPort& host) {
  const auto sites = all_of(request, "Sec-Fetch-Site");
  if (!sites.empty()) {
    return !std::ranges::all_of(sites,
                                [](auto site) { return site == "same-origin" || site == "none"; });
  }
  const auto origins = all_of(request, "Origin");
  if (origins.empty()) return false;
  const auto origin = origins.size() == 1 ? parse_origin(origins[0]) : std::nullopt;
  return !origin || !is_same(*origin, host);
}

// The dashboard holds no data, and its script asks for the token.
bool is_page(const Request& request, const Target& target) {
  return is_read(request) && is_index(target) && wants_page(request);
}

// Takes as long for any token of the same length.
bool is_token(std::string_view given, std::string_view token) {
  unsigned difference = given.size() == token.size() ? 0 : 1;
  for (std::size_t i = 0; i < std::min(given.size(), token.size()); ++i) {
    difference |= static_cast<unsigned char>(given[i]) ^ static_cast<unsigned char>(token[i]);
  }
  return difference == 0;
}

bool has_token(const AdminAccess& access, const Request& request) {
  constexpr std::string_view kScheme = "Bearer ";
  const auto given = all_of(request, "Authorization");
  return given.size() == 1 && equals_ignoring_case(given[0].substr(0, kScheme.size()), kScheme) &&
         is_token(given[0].substr(kScheme.size()), access.token);
}

Answer preflight_answer() {
  return {.http_status = 204,
          .headers = {{"Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE"},
                      {"Access-Control-Allow-Headers", "Content-Type, Authorization"},
                      {"Access-Control-Max-Age", "600"}},
          .body = ""};
}

// The host that the request names, if it names exactly one and that one is allowed.
std::optional<HostPort> checked_host(const AdminAccess& access, const Request& request,
                                     const Target& target) {
  const auto sent = all_of(request, "Host");
  auto host = sent.size() == 1 ? parse_host_port(sent[0]) : std::nullopt;
  if (!host || !is_allowed_host(access, host->host)) return std::nullopt;
  if (target.authority.empty()) return host;
  // An absolute target's authority is used in place of Host (RFC 9112 s3.2.2).
  host = parse_host_port(target.authority);
  return host && is_allowed_host(access, host->host) ? host : std::nullopt;
}

}  // namespace

std::optional<Answer> check_access(const AdminAccess& access, const Request& request,
                                   const Target& target) {
  const auto host = checked_host(access, request, target);
  if (!host) {
    return admin_error(421, "host_not_allowed",
                       "the admin interface is not reached by this Host; if it is yours, start the "
                       "mock with --allow-host NAME");
  }
  const bool is_allowed = allowed_origin(access, request).has_value();
  if (is_allowed && request.method == "OPTIONS" &&
      request.header("Access-Control-Request-Method") != nullptr) {
    return preflight_answer();
  }
  if (!is_allowed && !is_open_to_all_sites(request, target) &&
      comes_from_elsewhere(request, *host)) {
    return admin_error(403, "another_site",
                       "pages of other sites may not use the admin interface; start the mock with "
                       "--allow-origin URL to let one");
  }
  const bool is_free = access.token.empty() || (access.has_page && is_page(request, target));
  if (!is_free && !has_token(access, request)) {
    Answer answer = admin_error(401, "token_required",
                                "send Authorization: Bearer TOKEN, the token of --admin-token");
    answer.headers.push_back({"WWW-Authenticate", "Bearer"});
    return answer;
  }
  return std::nullopt;
}

bool wants_page(const Request& request) {
  const std::string* accept = request.header("Accept");
  return accept != nullptr && accept->find("text/html") != std::string::npos;
}

void add_security_headers(const AdminAccess& access, const Request& request, Answer& answer) {
  static const std::array<Header, 4> kHeaders{{
      {"X-Content-Type-Options", "nosniff"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Referrer-Policy", "no-referrer"},
      {"Cache-Control", "no-store"},
  }};
  answer.headers.insert(answer.headers.end(), kHeaders.begin(), kHeaders.end());
  const auto is_policy = [](const Header& each) { return each.name == "Content-Security-Policy"; };
  if (std::ranges::none_of(answer.headers, is_policy)) {
    answer.headers.push_back(
        {"Content-Security-Policy",
         "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"});
  }
  if (access.origins.empty()) return;
  answer.headers.push_back({"Vary", "Origin"});
  if (const auto origin = allowed_origin(access, request)) {
    answer.headers.push_back({"Access-Control-Allow-Origin", std::string(*origin)});
  }
}

bool is_host_pattern(std::string_view text) {
  if (text.starts_with("*.")) text.remove_prefix(2);
  const auto host = parse_host_port(text);
  return (host && host->port.empty() && !text.ends_with(':')) ||
         address_bytes(std::string(text)).has_value();
}

bool is_origin(std::string_view text) { return parse_origin(text).has_value(); }

bool is_loopback(const std::string& address) {
  if (address == "localhost") return true;
  const auto bytes = address_bytes(address);
  if (!bytes) return false;
  return bytes->size() == 4 ? (*bytes)[0] == 127 : bytes == address_bytes("::1");
}

}  // namespace mock

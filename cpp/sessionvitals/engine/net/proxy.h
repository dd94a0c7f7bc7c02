#pragma once

#include <optional>
#include <string>

#include "sessionvitals/engine/net/url.h"
#include "sessionvitals/errors.h"
#include "sessionvitals/options.h"

/// Which proxy leads to an origin, and why. Pure over a copy of the environment.
namespace sessionvitals::engine {

/// The variables that decide, as they were at one moment; absent ones are empty.
struct ProxyEnvironment {
  std::string http_proxy;
  std::string https_proxy;
  std::string all_proxy;
  std::string no_proxy;
  // Where each came from, "https_proxy" or "HTTPS_PROXY", for the words of `why`.
  std::string http_name = "http_proxy";
  std::string https_name = "https_proxy";
  std::string all_name = "all_proxy";
  std::string no_name = "no_proxy";
};

/// Copies them out of the process's environment. Lower case wins over upper. In
/// a CGI program (REQUEST_METHOD is set) HTTP_PROXY is left out, since there a
/// client's "Proxy:" header sets it (CVE-2016-5385, "httpoxy").
ProxyEnvironment read_proxy_environment();

struct Proxy {
  std::string host;
  int port = 0;
  std::string authorization;  // "Basic ...", or empty; a secret

  bool operator==(const Proxy&) const = default;
};

/// Returns what to do about a request or a tunnel that the proxy refused, to follow the
/// sentence that says so. Never shows the password.
std::string advice_for_refusal(int http_status, const Proxy& proxy);

struct ProxyChoice {
  std::optional<Proxy> proxy;
  std::string why;  // "HTTPS_PROXY", "NO_PROXY names localhost", ...; never a secret

  bool operator==(const ProxyChoice&) const = default;
};

/// Chooses the proxy for a URL: the options' own, else the environment's if the
/// options trust it. Fails with a ConfigurationError if the proxy's URL is not
/// "http://[user:password@]host[:port]".
Result<ProxyChoice> choose_proxy(const Url& url, const TransportOptions& options,
                                 const ProxyEnvironment& environment);

/// Returns whether the list of NO_PROXY names the host: "*", a name, a domain
/// with or without a leading dot (names below it too), an address, a network
/// such as 10.0.0.0/8; any of them with a port.
bool is_excluded(const std::string& no_proxy, const std::string& host, int port);

}  // namespace sessionvitals::engine

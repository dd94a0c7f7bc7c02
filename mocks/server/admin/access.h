// Who may use the admin interface: every program, and no page of another site in a browser.
//
// A browser sends requests to this machine for any page that it shows, and it lets a page read the
// answers when the page's name resolves to this machine (DNS rebinding). Host, Origin and
// Sec-Fetch-Site reveal both, and a page cannot set them. Programs such as curl send neither Origin
// nor Sec-Fetch-Site, and pass. The vendors' paths are not checked: they answer as the vendors do.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "values/http.h"
#include "vendors/target.h"

namespace mock {

struct AdminAccess {
  std::string address;                    // that the mock listens on
  std::vector<std::string> hosts = {};    // allowed beside this machine's own: NAME or *.NAME
  std::vector<std::string> origins = {};  // allowed beside the mock's own: SCHEME://HOST[:PORT]
  std::string token = {};                 // asked for as a bearer token; empty: none is
  bool has_page = true;                   // which is shown without the token
};

/// The answer to an admin request that stops at these rules: a refusal (421 host, 403 another site,
/// 401 token), or the answer to a preflight of an allowed origin. Nothing when the call is to be
/// made.
std::optional<Answer> check_access(const AdminAccess& access, const Request& request,
                                   const Target& target);

/// Whether the request is one of a browser for a page to show.
bool wants_page(const Request& request);

/// Adds the headers that keep an admin answer from pages: no sniffing, framing, caching or use by
/// another site. A Content-Security-Policy of its own stays. Only an allowed origin is named in
/// Access-Control-Allow-Origin.
void add_security_headers(const AdminAccess& access, const Request& request, Answer& answer);

/// Whether the text is a host without a port, or *.HOST.
bool is_host_pattern(std::string_view text);

/// Whether the text is SCHEME://HOST[:PORT], http or https.
bool is_origin(std::string_view text);

/// Whether only programs of this machine reach the address.
bool is_loopback(const std::string& address);

}  // namespace mock

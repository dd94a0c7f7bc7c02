// One call to a real server, blocking: for --record and --diff, which stand before one. Not for the
// loop's thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "values/http.h"

namespace mock {

struct Upstream {
  bool tls = false;
  std::string host;
  std::string port;
  std::string path;     // before every target; empty or /without/an/end
  std::string ca_file;  // the authorities that it is known by; empty: the machine's
  std::string problem;  // why it cannot be asked; empty when it can
};

/// http://HOST[:PORT][/PATH] or https; `ca_file` is read once here, to see that it can be.
Upstream parse_upstream(const std::string& url, const std::string& ca_file);

struct UpstreamAnswer {
  int http_status = 0;
  std::vector<Header> headers;
  std::string body;
  std::string problem;  // why there is no answer; empty when there is one
};

/// Sends the request's method, target, body and end-to-end headers. Waits 30 s for each read.
UpstreamAnswer ask(const Upstream& upstream, const Request& request);

/// A header that belongs to one connection only, or that the sender must make anew.
bool is_hop_by_hop(std::string_view name);

}  // namespace mock

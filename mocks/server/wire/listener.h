// The listening socket: ours and not the library's, whose SO_REUSEPORT lets two servers share a
// port in silence and whose backlog is 5.
#pragma once

#include <cstdint>
#include <string>

namespace mock {

struct Listener {
  int socket = -1;
  std::uint16_t port = 0;
  std::string problem;  // empty when it listens
  bool taken = false;   // the problem is that somebody else has the port
};

/// Listens on a numeric IPv4 or IPv6 address; port 0 lets the system choose.
Listener listen_on(const std::string& host, std::uint16_t port);

/// The next client, non-blocking and without Nagle's delay; below 0 when there is none.
int accept_from(int listener);

}  // namespace mock

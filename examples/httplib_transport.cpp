// Asks over cpp-httplib, with what is set on its client: here, who is trusted.
#include <sessionvitals/client/ping_client.h>
#include <sessionvitals/transports/httplib_transport.h>

#include <cstdlib>
#include <iostream>
#include <memory>

int main() {
  const auto transport =
      std::make_shared<sessionvitals::HttplibTransport>([](httplib::Client& client) {
        if (const char* file = std::getenv("MY_CA_FILE")) client.set_ca_cert_path(file);
      });
  const sessionvitals::PingClient ping({.custom_transport = transport});
  const auto used = ping.session_status("vpn-1");
  if (!used) {
    std::cerr << used.error().message() << '\n';
    return 1;
  }
  std::cout << used->status << ' ' << used->call->attempts.size() << '\n';
}

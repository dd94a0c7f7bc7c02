#include <sessionvitals/client/ping_client.h>

#include <iostream>

int main() {
  using namespace std::chrono_literals;
  const sessionvitals::PingClient ping;  // the key is in PING_API_KEY
  if (const auto used = ping.session_status("vpn-1", {.timeout = 2s})) {
    std::cout << used->status << ' ' << used->uploaded_bytes.value_or(0) << '\n';
  } else {
    std::cerr << used.error().message() << '\n';
    return 1;
  }
}

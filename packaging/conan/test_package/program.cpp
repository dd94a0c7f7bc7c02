#include <sessionvitals/client/ping_client.h>
#include <sessionvitals/version.h>

#include <iostream>

int main() {
  const sessionvitals::PingClient ping({.api_key = "key", .base_url = "not an address"});
  std::cout << "sessionvitals " << sessionvitals::kVersion << '\n';
  return ping.session_status("id").error().kind() == sessionvitals::ErrorKind::configuration_error
             ? 0
             : 1;
}

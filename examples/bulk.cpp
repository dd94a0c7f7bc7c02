// Asks for every id on stdin, 64 at a time, and writes a line for each answer as it comes:
//
//     printf '%s\n' vpn-1 vpn-2 | bulk
#include <sessionvitals/client/bulk.h>
#include <sessionvitals/client/ping_client.h>

#include <iostream>
#include <string>

int main() {
  const sessionvitals::PingClient ping;  // the key is in PING_API_KEY
  sessionvitals::BulkProbe bulk(ping, {.concurrency = 64});
  bool has_more = true;
  int failed = 0;
  while (!bulk.is_done()) {
    for (std::string id; has_more && bulk.room() > 0;) {
      has_more = static_cast<bool>(std::getline(std::cin, id));
      if (has_more) bulk.add(id);
    }
    if (!has_more) bulk.finish();
    for (const sessionvitals::Outcome& outcome : bulk.take()) {
      if (outcome.session) {
        std::cout << outcome.id << ' ' << state_name(outcome.session->state) << '\n';
      } else {
        std::cout << outcome.id << " failed: " << outcome.session.error().message() << '\n';
        ++failed;
      }
    }
  }
  return failed == 0 ? 0 : 1;
}

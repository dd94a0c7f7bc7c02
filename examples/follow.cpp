// Follows sessions until all have ended, or for so many seconds, and writes a line for each change:
//
//     follow 600 vpn-1 vpn-2
#include <sessionvitals/client/ping_client.h>
#include <sessionvitals/watch/watch.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <optional>

int main(int count, char** words) {
  const sessionvitals::PingClient ping;  // the key is in PING_API_KEY
  const std::chrono::duration<double> seconds(count > 1 ? std::atof(words[1]) : 0);
  auto watch = ping.watch(
      {.session_ids = {words + (count > 2 ? 2 : count), words + count}, .deadline = seconds});
  while (const std::optional<sessionvitals::Change> change = watch.next()) {
    std::cout << change->session_id << ' ' << reason_name(change->reason) << ": ";
    if (change->before) std::cout << state_name(change->before->state) << " -> ";
    std::cout << state_name(change->after.state) << '\n';
    // It is looked at again, until the deadline.
    if (change->error) std::cerr << change->error->message() << '\n';
  }
  if (const sessionvitals::Error* error = watch.error()) {  // such as a refused key
    std::cerr << error->message() << '\n';
    return 1;
  }
  if (watch.outcome() != sessionvitals::WatchOutcome::deadline) return 0;
  std::cerr << "Not all have ended. A later watch goes on from this: " << watch.token() << '\n';
  return 124;
}

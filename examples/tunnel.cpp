#include <sessionvitals/client/ping_client.h>

#include <algorithm>
#include <iostream>

namespace {

int fail(const sessionvitals::Error& error) {
  std::cerr << error.message() << '\n';
  return error.may_have_taken_effect() ? 2 : 1;  // 2: look before you repeat it
}

}  // namespace

int main() {
  using namespace sessionvitals;
  const PingClient ping;  // the key is in PING_API_KEY
  const auto zones = ping.list_zones();
  if (!zones) return fail(zones.error());
  const auto zone = std::ranges::find_if(*zones, &PingZone::has_active_nodes);
  if (zone == zones->end()) return 1;

  // No call gives the link again, and none finds a session whose answer was lost.
  const auto session =
      ping.create_session({.client_id = "client-1", .zone = zone->code, .reusable = true});
  if (!session) return fail(session.error());
  std::cout << session->configuration_link.value_or("no link") << '\n';

  for (const auto pause : {&PingClient::pause_session, &PingClient::resume_session}) {
    const auto answer = (ping.*pause)(session->id, {});
    if (!answer) return fail(answer.error());
    std::cout << (answer->paused ? "paused" : "runs") << '\n';
  }

  const auto limits = ping.update_client_limits({.download_speed = 1'000'000});
  if (!limits) return fail(limits.error());
  std::cout << zone->code << ": " << limits->download_speed.value_or(0) << " bytes a second\n";
}

// bench_calls BASE_URL CALLS [CA_FILE]: one call after the other from C++; prints
// the median in microseconds. With CALLS/CONCURRENCY, many at once by BulkProbe;
// prints the rate.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "sessionvitals/sessionvitals.h"

namespace {

using Clock = std::chrono::steady_clock;

int ask_one_by_one(const sessionvitals::PingClient& client, int calls) {
  std::vector<double> times(static_cast<std::size_t>(calls));
  for (double& time : times) {
    const auto begun = Clock::now();
    if (!client.probe("s-4711")) return 1;
    time = std::chrono::duration<double, std::micro>(Clock::now() - begun).count();
  }
  std::sort(times.begin(), times.end());
  std::printf("{\"p50\": %.3f}\n", times[times.size() / 2]);
  return 0;
}

int ask_many(const sessionvitals::PingClient& client, int calls, std::size_t concurrency) {
  const auto begun = Clock::now();
  sessionvitals::BulkProbe bulk(client, {.concurrency = concurrency});
  int given = 0;
  int failed = 0;
  while (!bulk.is_done()) {
    for (std::size_t room = bulk.room(); room > 0 && given < calls; --room) {
      bulk.add("s-" + std::to_string(given++));
    }
    if (given == calls) bulk.finish();
    for (const auto& outcome : bulk.take()) failed += outcome.session ? 0 : 1;
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
  std::printf("{\"rate\": %.1f}\n", calls / seconds);
  return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
  if (count < 3) return 2;
  sessionvitals::TransportOptions transport;
  if (count > 3) transport.ca_file = words[3];
  const sessionvitals::PingClient client(
      {.api_key = "ping-sandbox-key", .base_url = words[1], .transport = transport});
  if (client.configuration_error()) return 2;
  const std::string calls = words[2];
  const auto slash = calls.find('/');
  if (slash == std::string::npos) return ask_one_by_one(client, std::atoi(words[2]));
  const auto concurrency = std::strtoul(calls.c_str() + slash + 1, nullptr, 10);
  return ask_many(client, std::atoi(words[2]), concurrency);
}

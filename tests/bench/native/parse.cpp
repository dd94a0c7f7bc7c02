// bench_parse FUNCTION COUNT: runs one pure function that often, for callgrind to
// count. Two counts of the same function, subtracted, leave the function alone.
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>

#include "sessionvitals/sessionvitals.h"

namespace {

using sessionvitals::Credential;
using sessionvitals::Response;

const Response kPing{
    .http_status = 200,
    .headers = {{"Date", "Thu, 01 Jan 2026 00:00:00 GMT"}, {"Content-Type", "application/json"}},
    .body = R"({"client_id":"client-4711","status":"connected","duration":3600,)"
            R"("uploaded_bytes":123456789,"downloaded_bytes":987654321})"};

const std::string kElizaId = "3f0e2b9a-7c1d-4e55-9a2f-1d2c3b4a5968";

const Response kEliza{
    .http_status = 200,
    .headers = {{"Date", "Thu, 01 Jan 2026 00:00:00 GMT"}, {"Content-Type", "application/json"}},
    .body = R"({"sessionId":"3f0e2b9a-7c1d-4e55-9a2f-1d2c3b4a5968",)"
            R"("agentId":"11111111-1111-4111-8111-111111111111",)"
            R"("userId":"22222222-2222-4222-8222-222222222222",)"
            R"("createdAt":"2026-01-01T00:00:00.000Z","lastActivity":"2026-01-01T00:10:00.000Z",)"
            R"("metadata":{"plan":"gold","tags":["a","b"],"visits":12},)"
            R"("expiresAt":"2026-01-01T00:40:00.000Z","timeoutConfig":{"timeoutMinutes":30,)"
            R"("autoRenew":true,"maxDurationMinutes":720,"warningThresholdMinutes":5},)"
            R"("renewalCount":0,"timeRemaining":1800000,"isNearExpiration":false})"};

const Response kTiun{.http_status = 200, .headers = {}, .body = ""};

const std::map<std::string, std::function<bool()>> kFunctions{
    {"build_eliza",
     [] {
       return sessionvitals::providers::eliza.probe.build({"s-4711"}, Credential{}).has_value();
     }},
    {"build_ping",
     [] {
       return sessionvitals::providers::ping.probe.build({"s-4711"}, {.key = "key", .style = "raw"})
           .has_value();
     }},
    {"build_tiun",
     [] {
       return sessionvitals::providers::tiun.probe
           .build({"s-4711"}, {.key = "key", .style = "X-ACCESS-TOKEN"})
           .has_value();
     }},
    {"parse_eliza",
     [] { return sessionvitals::providers::eliza.probe.parse({kElizaId}, kEliza).has_value(); }},
    {"parse_ping",
     [] { return sessionvitals::providers::ping.probe.parse({"s-4711"}, kPing).has_value(); }},
    {"parse_tiun",
     [] { return sessionvitals::providers::tiun.probe.parse({"s-4711"}, kTiun).has_value(); }},
};

}  // namespace

int main(int count, char** words) {
  if (count == 1) {
    for (const auto& [name, function] : kFunctions) std::puts(name.c_str());
    return 0;
  }
  const auto& function = kFunctions.at(words[1]);
  for (int left = std::atoi(words[2]); left > 0; --left) {
    if (!function()) return 1;
  }
}

#include "sessionvitals/engine/call/gate.h"

#include <map>
#include <mutex>

#include "sessionvitals/engine/fork.h"

namespace sessionvitals::engine {
namespace {

struct Registry {
  ForkSafeMutex mutex;
  // Kept while they are closed, even if nobody stands in front of them: a client
  // that is made anew for each call must wait like any other.
  std::map<std::string, std::shared_ptr<RateLimitGate>> gates;
};

Registry& registry() {
  static auto* made = new Registry;
  return *made;
}
[[maybe_unused]] const Registry& made_when_loaded = registry();  // see fork.h

}  // namespace

std::shared_ptr<RateLimitGate> RateLimitGate::find_or_make(const std::string& base_url) {
  const Clock::time_point now = Clock::now();
  const std::lock_guard lock(registry().mutex);
  const auto known = registry().gates.find(base_url);
  if (known != registry().gates.end()) return known->second;
  std::erase_if(registry().gates, [&](const auto& other) {
    return other.second.use_count() == 1 && other.second->opens() <= now;
  });
  return registry().gates[base_url] = std::make_shared<RateLimitGate>();
}

void RateLimitGate::close_for(std::chrono::microseconds wait, Clock::time_point now) {
  const Clock::rep opens = (now + wait).time_since_epoch().count();
  Clock::rep known = opens_.load();
  while (known < opens && !opens_.compare_exchange_weak(known, opens)) {
  }
}

}  // namespace sessionvitals::engine

#include "sessionpulse/engine/gate.h"

#include <map>
#include <mutex>

#include "sessionpulse/engine/fork.h"

namespace sessionpulse::engine {
namespace {

struct Registry {
  ForkSafeMutex mutex;
  std::map<std::string, std::weak_ptr<Gate>> gates;
};

Registry& registry() {
  static auto* made = new Registry;
  return *made;
}

}  // namespace

std::shared_ptr<Gate> Gate::find_or_make(const std::string& base_url) {
  const std::lock_guard lock(registry().mutex);
  std::weak_ptr<Gate>& entry = registry().gates[base_url];
  std::shared_ptr<Gate> gate = entry.lock();
  if (gate) return gate;
  gate = std::make_shared<Gate>();
  std::erase_if(registry().gates, [&](const auto& other) {
    return &other.second != &entry && other.second.expired();
  });
  entry = gate;
  return gate;
}

void Gate::close_for(std::chrono::microseconds wait, Clock::time_point now) {
  const Clock::rep opens = (now + wait).time_since_epoch().count();
  Clock::rep known = opens_.load();
  while (known < opens && !opens_.compare_exchange_weak(known, opens)) {
  }
}

}  // namespace sessionpulse::engine

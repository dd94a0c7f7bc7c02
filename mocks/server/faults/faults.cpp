#include "faults/faults.h"

#include <algorithm>

namespace mock {

FaultScript& Faults::add(FaultScope scope, std::vector<Fault> faults) {
  // Scripts that are over are kept to be looked at, but not without end.
  constexpr std::size_t kMostScripts = 1000;
  if (scripts_.size() >= kMostScripts) {
    std::erase_if(scripts_, [](const FaultScript& script) { return script.is_over(); });
  }
  if (scripts_.size() >= kMostScripts) {
    throw Refusal("", "there are 1000 fault scripts still to be fired; DELETE /__admin/faults",
                  409);
  }
  scripts_.push_back({.id = next_id_++, .scope = std::move(scope), .faults = std::move(faults)});
  return scripts_.back();
}

bool Faults::remove(std::int64_t id) {
  return std::erase_if(scripts_, [&](const FaultScript& script) { return script.id == id; }) > 0;
}

std::optional<Fault> Faults::take(std::string_view provider, std::string_view operation,
                                  std::string_view session_id) {
  const auto fits = [](const std::string& wanted, std::string_view found) {
    return wanted.empty() || wanted == found;
  };
  for (FaultScript& script : scripts_) {
    const FaultScope& scope = script.scope;
    if (script.is_over() || scope.connect || !fits(scope.provider, provider) ||
        !fits(scope.operation, operation) || !fits(scope.session_id, session_id)) {
      continue;
    }
    return take_from(script);
  }
  return std::nullopt;
}

std::optional<Fault> Faults::take_for_connection() {
  for (FaultScript& script : scripts_) {
    if (!script.is_over() && script.scope.connect) return take_from(script);
  }
  return std::nullopt;
}

std::optional<Fault> Faults::take_from(FaultScript& script) {
  Fault fault = script.faults[script.next];
  ++script.fired;
  ++script.fired_of_next;
  if (fault.times != 0 && script.fired_of_next == fault.times) {
    ++script.next;
    script.fired_of_next = 0;
  }
  return fault;
}

}  // namespace mock

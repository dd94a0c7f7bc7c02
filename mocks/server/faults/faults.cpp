#include "faults/faults.h"

#include <algorithm>

namespace mock {

std::size_t FaultScript::bytes() const {
  std::size_t bytes = sizeof *this;
  for (const Fault& fault : faults) {
    bytes += sizeof fault + fault.raw.size() + (fault.body ? fault.body->size() : 0);
    for (const Header& header : fault.headers) {
      bytes += sizeof header + header.name.size() + header.value.size();
    }
  }
  return bytes;
}

FaultScript& Faults::add(FaultScope scope, std::vector<Fault> faults) {
  // Scripts that are over are kept to be looked at, but not without end.
  constexpr std::size_t kMaxScripts = 1000;
  FaultScript script{.id = next_id_, .scope = std::move(scope), .faults = std::move(faults)};
  const std::size_t bytes = script.bytes();
  if (scripts_.size() >= kMaxScripts || !budget_->has_room_for(bytes)) {
    erase([](const FaultScript& each) { return each.is_over(); });
  }
  if (scripts_.size() >= kMaxScripts) {
    throw BadRequest("", "there are 1000 fault scripts still to be fired; DELETE /__admin/faults",
                     409);
  }
  require_room(*budget_, bytes);
  budget_->used += bytes;
  ++next_id_;
  scripts_.push_back(std::move(script));
  return scripts_.back();
}

template <typename Predicate>
std::size_t Faults::erase(Predicate is_meant) {
  for (const FaultScript& script : scripts_) {
    if (is_meant(script)) budget_->used -= script.bytes();
  }
  return std::erase_if(scripts_, is_meant);
}

bool Faults::remove(std::int64_t id) {
  return erase([&](const FaultScript& script) { return script.id == id; }) > 0;
}

void Faults::clear() {
  erase([](const FaultScript&) { return true; });
}

std::uint64_t Faults::fingerprint() const {
  std::uint64_t print = 0xcbf29ce484222325U;  // FNV-1a
  for (const FaultScript& script : scripts_) {
    for (const std::int64_t part : {script.id, script.fired}) {
      print = (print ^ static_cast<std::uint64_t>(part)) * 0x100000001b3U;
    }
  }
  return print;
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
  ++fired_[label_of(fault)];
  ++script.fired_of_next;
  if (fault.times != 0 && script.fired_of_next == fault.times) {
    ++script.next;
    script.fired_of_next = 0;
  }
  return fault;
}

}  // namespace mock

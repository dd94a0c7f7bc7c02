#include "sandbox/space.h"

#include <algorithm>

namespace mock {

Sandbox::Sandbox(Budget& budget) {
  stores.reserve(vendors().size());
  for (const Vendor* vendor : vendors()) {
    stores.emplace_back(budget);
    keys.accepted.emplace(vendor->name(), vendor->default_key());
  }
}

std::size_t Sandbox::session_count() const {
  std::size_t count = 0;
  for (const SessionStore& store : stores) count += store.size();
  return count;
}

Space::Space(std::string name, std::uint64_t seed, Budget& sandboxes, Budget& journals)
    : Sandbox(sandboxes),
      faults(sandboxes),
      journal(journals),
      started_at(clock.now()),
      name_(std::move(name)),
      seed_(seed) {}

Space* Spaces::open(std::string_view name) {
  if (Space* space = find(name)) return space;
  if (spaces_.size() >= max_) return nullptr;
  Space* space = spaces_.emplace(std::string(name), make(name)).first->second.get();
  space->order = ++changes_;
  return space;
}

std::unique_ptr<Space> Spaces::make(std::string_view name) {
  return std::make_unique<Space>(std::string(name), seed_, sandboxes_, journals_);
}

Space* Spaces::find(std::string_view name) const {
  const auto found = spaces_.find(name);
  return found == spaces_.end() ? nullptr : found->second.get();
}

bool Spaces::remove(std::string_view name) {
  const auto found = spaces_.find(name);
  if (found == spaces_.end()) return false;
  spaces_.erase(found);
  ++changes_;
  return true;
}

void Spaces::bound_journals() {
  if (journals_.used <= journals_.max) return;
  Journal* longest = nullptr;
  for (const auto& [name, space] : spaces_) {
    if (longest == nullptr || space->journal.bytes() > longest->bytes()) longest = &space->journal;
  }
  // By a quarter at once, so that the search above is rare.
  longest->shrink_to(longest->bytes() / 4 * 3);
}

std::vector<Space*> Spaces::in_order() const {
  std::vector<Space*> spaces;
  for (const auto& [name, space] : spaces_) spaces.push_back(space.get());
  return spaces;
}

bool Spaces::is_name(std::string_view name) {
  if (name.empty() || name.size() > 64) return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

}  // namespace mock

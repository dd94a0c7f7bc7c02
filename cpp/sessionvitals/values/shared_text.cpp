#include "sessionvitals/shared_text.h"

#include <cstring>
#include <new>

namespace sessionvitals {

namespace {

/// A text of static storage that has been asked for, known by where it is.
struct Known {
  std::string_view key;
  SharedText text;
  const Known* next;
};

// A list that only grows, by a handful: reading it takes no lock, which a fork might find held.
std::atomic<const Known*> known{nullptr};

}  // namespace

SharedText SharedText::of_static(std::string_view text) {
  const Known* const first = known.load(std::memory_order_acquire);
  for (const Known* each = first; each != nullptr; each = each->next) {
    if (each->key.data() == text.data() && each->key.size() == text.size()) return each->text;
  }
  auto* added = new Known{text, SharedText(text), first};
  if (added->text.held_ != nullptr) added->text.held_->count = Held::kKept;
  // Two threads at once may add the same text twice, which does no harm.
  while (!known.compare_exchange_weak(added->next, added, std::memory_order_acq_rel)) {
  }
  return added->text;
}

SharedText::Held* SharedText::make(std::string_view text) {
  void* const place = ::operator new(sizeof(Held) + text.size());
  auto* held = new (place) Held{1, static_cast<std::uint32_t>(text.size())};
  std::memcpy(static_cast<void*>(held + 1), text.data(), text.size());
  return held;
}

void SharedText::drop(Held* held) {
  if (held == nullptr || held->is_kept()) return;
  if (held->count.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  held->~Held();
  ::operator delete(held);
}

}  // namespace sessionvitals

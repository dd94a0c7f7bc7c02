#include "sandbox/session.h"

#include <algorithm>

namespace mock {

std::size_t Session::bytes() const {
  // The object with its vendor's members, its node in the store, and the allocator's own.
  constexpr std::size_t kFixed = 512;
  std::size_t states = 0;
  for (const auto& period : timeline.periods()) states += sizeof period + period.state.size();
  for (const auto& each : timeline.transitions()) states += sizeof each + each.state.size();
  return kFixed + 2 * id.size() + states;  // the store keeps the id a second time
}

SessionStore::SessionStore(SessionStore&& other) noexcept
    : budget_(other.budget_),
      bytes_(std::exchange(other.bytes_, 0)),
      sessions_(std::exchange(other.sessions_, {})),
      next_order_(other.next_order_) {}

SessionStore& SessionStore::operator=(SessionStore&& other) noexcept {
  if (this == &other) return *this;
  clear();
  budget_ = other.budget_;
  bytes_ = std::exchange(other.bytes_, 0);
  sessions_ = std::exchange(other.sessions_, {});
  next_order_ = other.next_order_;
  ++changes_;
  return *this;
}

Session* SessionStore::find(std::string_view id) const {
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : found->second.session.get();
}

Session& SessionStore::put(std::unique_ptr<Session> session) {
  const std::size_t bytes = session->bytes();
  const auto found = sessions_.find(session->id);
  const std::size_t replaced = found == sessions_.end() ? 0 : found->second.bytes;
  if (bytes > replaced) require_room(*budget_, bytes - replaced);
  Stored& place = sessions_[session->id];
  session->order = place.session ? place.session->order : next_order_++;
  place = {std::move(session), bytes};
  bytes_ = bytes_ - replaced + bytes;
  budget_->used = budget_->used - replaced + bytes;
  ++changes_;
  return *place.session;
}

void SessionStore::add_bytes(const Session& session, std::size_t bytes) {
  require_room(*budget_, bytes);
  sessions_.find(session.id)->second.bytes += bytes;
  bytes_ += bytes;
  budget_->used += bytes;
  ++changes_;
}

bool SessionStore::remove(std::string_view id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return false;
  bytes_ -= found->second.bytes;
  budget_->used -= found->second.bytes;
  sessions_.erase(found);
  ++changes_;
  return true;
}

void SessionStore::clear() {
  budget_->used -= bytes_;
  bytes_ = 0;
  sessions_.clear();
  ++changes_;
}

std::vector<Session*> SessionStore::in_order(std::size_t most) const {
  std::vector<Session*> sessions;
  sessions.reserve(sessions_.size());
  for (const auto& [id, stored] : sessions_) sessions.push_back(stored.session.get());
  const auto shown = static_cast<std::ptrdiff_t>(std::min(most, sessions.size()));
  std::ranges::partial_sort(sessions, sessions.begin() + shown, {}, &Session::order);
  sessions.resize(static_cast<std::size_t>(shown));
  return sessions;
}

}  // namespace mock

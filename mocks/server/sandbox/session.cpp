#include "sandbox/session.h"

#include <algorithm>

namespace mock {

Session* SessionStore::find(std::string_view id) const {
  const auto found = sessions_.find(id);
  return found == sessions_.end() ? nullptr : found->second.get();
}

Session& SessionStore::put(std::unique_ptr<Session> session) {
  std::unique_ptr<Session>& place = sessions_[session->id];
  session->order = place ? place->order : next_order_++;
  place = std::move(session);
  return *place;
}

bool SessionStore::remove(std::string_view id) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return false;
  sessions_.erase(found);
  return true;
}

std::vector<Session*> SessionStore::in_order() const {
  std::vector<Session*> sessions;
  sessions.reserve(sessions_.size());
  for (const auto& [id, session] : sessions_) sessions.push_back(session.get());
  std::ranges::sort(sessions, {}, &Session::order);
  return sessions;
}

}  // namespace mock

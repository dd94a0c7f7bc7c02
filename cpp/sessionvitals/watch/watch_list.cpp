#include <unordered_map>
#include <utility>

#include "sessionvitals/watch/watch_looks.h"

// The looks at a list of all live sessions, where the provider has one.
namespace sessionvitals {

// Looks at each session, or at a list of all where that is cheaper; then a look at one is for
// what the list does not say: what has become of one that it does not name.
void WatchState::choose_way() {
  listen_or_not();
  const bool should_list = may_list_ && looks_.size() >= kSome;
  if (should_list && !list_) {
    for (Look* look : all_looks()) thread_.forget(*look);
    list_ = std::make_unique<ListLook>(*this);
    list_pace_.reset(plan_.rules);
    thread_.plan(*list_, Clock::now());
  } else if (!should_list && list_) {
    thread_.drop(std::move(list_));
    for (Look* look : all_looks()) {
      if (!thread_.is_on_its_way(*look)) thread_.plan(*look, Clock::now());
    }
  }
}

void WatchState::apply_list(Result<Page<Session>> sessions, const LookTime& time) {
  if (outcome_) return;
  if (!sessions) return apply_failed_list(sessions.error(), time);
  std::unordered_map<std::string_view, Session*> listed;
  for (Session& session : sessions->items) {
    session.call = sessions->call;
    listed.emplace(session.id, &session);
  }
  bool was_changed = false;
  for (Look* look : all_looks()) {
    if (thread_.is_on_its_way(*look)) continue;
    const Followed& followed = look->followed;
    const auto found = listed.find(followed.id());
    if (found == listed.end()) {
      const bool is_known_missing = followed.is_awaited(plan_.rules) && followed.last();
      if (!is_known_missing) thread_.plan(*look, time.ended);
      continue;
    }
    Told told = look->followed.see(plan_.rules, *found->second, time);
    was_changed = was_changed || told.was_changed;
    apply(*look, std::move(told));
    if (outcome_) return;
  }
  if (!list_) return;
  if (was_changed) {
    list_pace_.reset(plan_.rules);
  } else {
    list_pace_.grow(plan_.rules);
  }
  thread_.plan(*list_, list_pace_.next(plan_.rules, time));
}

void WatchState::apply_failed_list(const Error& error, const LookTime& time) {
  if (error.kind() == ErrorKind::contract_error && !looks_.empty()) {
    // Too long, for one. It would be at the next time, too.
    may_list_ = false;
    Look& look = *looks_.begin()->second;
    Told told = look.followed.fail(plan_.rules, error, time);
    if (told.change) give(look, *std::move(told.change));
    return choose_way();
  }
  for (Look* look : all_looks()) {
    if (thread_.is_on_its_way(*look)) continue;
    Told told = look->followed.fail(plan_.rules, error, time);
    if (told.stops) return fail(*std::move(told.stops));
    if (told.change) give(*look, *std::move(told.change));
  }
  list_pace_.grow(plan_.rules);
  thread_.plan(*list_, list_pace_.next(plan_.rules, time));
}

}  // namespace sessionvitals

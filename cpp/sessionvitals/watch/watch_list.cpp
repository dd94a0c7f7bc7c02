#include <unordered_map>
#include <utility>

#include "sessionvitals/streams/reconnection.h"
#include "sessionvitals/watch/watch_looks.h"

// The looks at a list of all live sessions, where the provider has one.
namespace sessionvitals {

namespace {

// A list that fails so often in a row, as it takes too long for one, may do so for ever.
constexpr int kMaxListFailures = 3;

}  // namespace

// Looks at each session, or at a list of all where that is cheaper; then a look at one is for
// what the list does not say: what has become of one that it does not name.
void WatchState::choose_way() {
  listen_or_not();
  const bool should_list = may_list_ && looks_.size() >= kSome;
  if (should_list && !list_) {
    for (Look* look : all_looks()) thread_.forget(*look);
    list_ = std::make_unique<ListLook>(*this);
    list_pace_.reset(plan_.rules);
    list_failures_ = 0;
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
  list_failures_ = 0;
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
  if (ends_watch(error.kind())) return fail(error);
  if (!may_be_cured(error)) {
    // Too long, or this server has none: it would be at the next time, too.
    may_list_ = false;
    list_failures_ = 0;
    tell_of_any(error, time.wall);
    return choose_way();
  }
  const bool was_away = is_list_away();
  if (error.kind() != ErrorKind::rate_limit_error) ++list_failures_;
  for (Look* look : all_looks()) {
    if (was_away || thread_.is_on_its_way(*look)) continue;
    Told told = look->followed.fail(plan_.rules, error, time);
    if (told.change) give(*look, *std::move(told.change));
    if (is_list_away()) thread_.plan(*look, time.ended);
  }
  list_pace_.grow(plan_.rules);
  thread_.plan(*list_, list_pace_.next(plan_.rules, time));
}

bool WatchState::is_list_away() const { return list_failures_ >= kMaxListFailures; }

}  // namespace sessionvitals

#include "sessionvitals/watch/watch_looks.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace sessionvitals {

namespace {

Timestamp wall_now() {
  return std::chrono::time_point_cast<Timestamp::duration>(std::chrono::system_clock::now());
}

WatchTokenSession to_resume(const std::string& id, const std::optional<Session>& last,
                            std::optional<Clock::time_point> ends) {
  WatchTokenSession session{.id = id, .state = {}, .theirs = {}, .expires_in = {}};
  if (last) {
    session.state = last->state;
    session.theirs = last->provider_state;
  }
  if (ends) session.expires_in = std::chrono::duration<double>(*ends - Clock::now()).count();
  return session;
}

// Returns how much is left of what was left at that time. A token may say any number.
Clock::duration time_left(double seconds, Timestamp at) {
  using Seconds = std::chrono::duration<double>;
  constexpr Seconds kMost = std::chrono::hours(24 * 365);
  const Seconds left = Seconds(seconds) - std::chrono::duration_cast<Seconds>(wall_now() - at);
  return std::chrono::duration_cast<Clock::duration>(std::clamp(left, -kMost, kMost));
}

}  // namespace

WatchState::WatchState(WatchThread& thread, Plan plan)
    : thread_(thread),
      plan_(std::move(plan)),
      list_pace_(plan_.rules),
      may_list_(plan_.list.has_value()),
      may_listen_(plan_.events.has_value()) {
  deadline = plan_.deadline;
  cancel = plan_.look.cancel;
  if (plan_.is_paced) {
    permits = std::make_unique<WatchPermits>();
  } else {
    rate = plan_.rate;
  }
}

WatchState::~WatchState() = default;

std::optional<Error> WatchState::begin(const std::vector<std::string>& ids,
                                       const WatchToken* resumed) {
  for (const std::string& id : ids) {
    if (auto error = check(id)) return error;
  }
  if (resumed != nullptr) {
    for (const WatchTokenSession& session : resumed->sessions) {
      if (auto error = check(session.id)) return error;
    }
  }
  {
    const std::lock_guard lock(thread_.mutex());
    const Clock::time_point now = Clock::now();
    if (resumed != nullptr) {
      for (const WatchTokenSession& session : resumed->sessions) {
        Look* const look = follow(session.id);
        if (look == nullptr || !session.state) continue;
        Session last;
        last.provider = client().provider().name;
        last.id = session.id;
        last.state = *session.state;
        last.provider_state = session.theirs;
        std::optional<Clock::time_point> ends;
        if (session.expires_in) ends = now + time_left(*session.expires_in, resumed->at);
        look->followed.resume(std::move(last), ends);
      }
    }
    std::vector<Look*> fresh;
    for (const std::string& id : ids) {
      if (Look* const look = follow(id)) fresh.push_back(look);
    }
    if (fresh.size() >= kSome && plan_.rules.missing == Missing::end) {
      unseen_ = fresh.size();
      for (Look* look : fresh) look->is_counted = true;
    }
    choose_way();
  }
  return thread_.join(std::static_pointer_cast<WatchState>(shared_from_this()));
}

// Returns the new look, planned for now; nullptr if there is one already.
WatchState::Look* WatchState::follow(const std::string& session_id) {
  if (looks_.contains(session_id)) return nullptr;
  auto made = std::make_unique<Look>(*this, session_id);
  Look* const look = made.get();
  looks_.emplace(look->followed.id(), std::move(made));
  thread_.plan(*look, Clock::now());
  return look;
}

std::optional<Error> WatchState::add(std::string session_id) {
  if (auto error = check(session_id)) return error;
  const std::lock_guard lock(thread_.mutex());
  if (outcome_) return std::nullopt;
  Look* const look = follow(session_id);
  // Among three and more the list may know it; if not, it is asked for by itself.
  if (look != nullptr && list_ && !is_list_away()) {
    thread_.forget(*look);
    if (!thread_.is_on_its_way(*list_)) thread_.plan(*list_, Clock::now());
  }
  choose_way();
  return std::nullopt;
}

std::vector<WatchState::Look*> WatchState::all_looks() const {
  std::vector<Look*> looks;
  looks.reserve(looks_.size());
  for (const auto& [id, look] : looks_) looks.push_back(look.get());
  return looks;
}

// May destroy the look.
void WatchState::apply(Look& look, Told told) {
  if (outcome_) return;
  if (told.stops) return fail(*std::move(told.stops));
  if (told.change) give(look, *std::move(told.change));
  if (outcome_) return;
  if (told.is_over) return settle(look, told.is_reached);
  if (std::exchange(look.is_doubted, false)) look.followed.doubt();
  if (std::exchange(look.is_hinted, false)) return thread_.plan(look, Clock::now());
  const bool is_listed = list_ && !is_list_away() && !look.followed.is_failing();
  const Clock::time_point next = is_listed ? told.known_end : told.next;
  if (next == Clock::time_point::max()) {
    thread_.forget(look);
  } else {
    thread_.plan(look, next);
  }
}

void WatchState::give(Look& look, Change change) {
  const bool is_missing = !change.before && change.after.state == SessionState::not_found &&
                          change.reason == ChangeReason::final;
  if (std::exchange(look.is_counted, false) && unseen_ > 0) {
    if (is_missing) {
      held_.push_back(std::move(change));
      if (--unseen_ == 0) {
        fail(Error(Violation{"", "a session that the provider knows",
                             "none of " + std::to_string(held_.size()) +
                                 " sessions is known: is this the right account?"},
                   client().provider().name));
      }
      return;
    }
    release();
  }
  queue_.add(std::move(change));
  has_changed_.notify_all();
  thread_.tell(*this);
}

void WatchState::release() {
  unseen_ = 0;
  for (Change& change : std::exchange(held_, {})) queue_.add(std::move(change));
}

void WatchState::settle(Look& look, bool is_reached) {
  has_only_reached_ = has_only_reached_ && is_reached;
  if (std::exchange(look.is_counted, false) && unseen_ > 0 && --unseen_ == 0) release();
  const auto found = looks_.find(look.followed.id());
  std::unique_ptr<Look> owned = std::move(found->second);
  looks_.erase(found);
  thread_.drop(std::move(owned));
  choose_way();
  if (looks_.empty()) {
    has_changed_.notify_all();
    thread_.tell(*this);
  }
}

void WatchState::discard(std::string_view session_id, bool is_reached) {
  const std::lock_guard lock(thread_.mutex());
  queue_.drop(session_id);
  std::erase_if(held_, [&](const Change& change) { return change.session_id == session_id; });
  const auto found = looks_.find(session_id);
  if (found == looks_.end()) return;
  const bool had_only_reached = has_only_reached_;
  settle(*found->second, is_reached);
  has_only_reached_ = had_only_reached;
}

void WatchState::end(WatchOutcome outcome) {
  if (outcome_) return;
  outcome_ = outcome;
  release();
  for (const auto& [id, look] : looks_) {
    left_.push_back(to_resume(look->followed.id(), look->followed.last(), look->followed.ends()));
  }
  for (auto& [id, look] : std::exchange(looks_, {})) thread_.drop(std::move(look));
  if (list_) thread_.drop(std::move(list_));
  stop_listening();
  if (permits) permits->end();
  has_changed_.notify_all();
  thread_.tell(*this);
}

void WatchState::fail(Error error) {
  if (outcome_) return;
  error_ = std::make_unique<const Error>(std::move(error));
  held_.clear();
  end(WatchOutcome::closed);
}

std::string WatchState::token() const {
  const std::lock_guard lock(thread_.mutex());
  return write_watch_token({.provider = std::string(client().provider().name),
                            .origin = client().base_url(),
                            .at = wall_now(),
                            .sessions = sessions_to_resume()});
}

std::vector<WatchTokenSession> WatchState::sessions_to_resume() const {
  std::vector<WatchTokenSession> sessions;
  std::unordered_set<std::string_view> told;
  const auto note = [&](const std::string& id, const std::optional<Session>& last,
                        std::optional<Clock::time_point> ends) {
    if (told.insert(id).second) sessions.push_back(to_resume(id, last, ends));
  };
  // What was not taken yet is told by the later watch.
  for (const auto& [number, change] : queue_.changes()) note(change.session_id, change.before, {});
  for (const Change& change : held_) note(change.session_id, change.before, {});
  for (const auto& [id, look] : looks_) {
    note(look->followed.id(), look->followed.last(), look->followed.ends());
  }
  for (const WatchTokenSession& session : left_) {
    if (!told.contains(session.id)) sessions.push_back(session);
  }
  return sessions;
}

}  // namespace sessionvitals

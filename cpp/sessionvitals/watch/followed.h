#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "sessionvitals/context.h"
#include "sessionvitals/watch/change.h"

/// What the looks at one session tell, and when the next one is. Pure: times and chance are
/// given.
namespace sessionvitals {

/// What "not found" means for a session that has not been seen yet.
enum class Missing {
  end,   // there is none
  wait,  // it is expected to appear
};

struct FollowRules {
  StateSet until = kFinal;
  bool is_endless = false;  // only what the provider no longer knows is over
  Missing missing = Missing::end;
  bool counters = false;  // a change of duration or bytes is a change, too
  bool expiry = false;    // and one of expires_at
  // From the answer to the next look: at first, and growing while nothing changes.
  Clock::duration shortest = std::chrono::seconds(1);
  Clock::duration longest = std::chrono::seconds(60);
  // From look to look, instead.
  std::optional<Clock::duration> every = {};
};

/// The time of one look.
struct LookTime {
  Clock::time_point begun;
  Clock::time_point ended;
  Timestamp wall;     // at its end
  double chance = 0;  // from 0, to 1 exclusive; for what spreads looks
};

/// The time between looks that are made without a known end.
class Pace {
 public:
  explicit Pace(const FollowRules& rules) : present_(rules.every.value_or(rules.shortest)) {}

  void reset(const FollowRules& rules) { present_ = rules.every.value_or(rules.shortest); }
  void grow(const FollowRules& rules);
  Clock::duration present() const { return present_; }

  /// Returns when the look after that one is. With `every`, from beginning to beginning and
  /// exactly, so that a state which lasts longer is seen.
  Clock::time_point next(const FollowRules& rules, const LookTime& look) const;

 private:
  Clock::duration present_;
};

/// True for an error that ends a whole watch: neither the key nor the caller will be another one at
/// the next look.
bool ends_watch(ErrorKind kind);

/// What a look has told.
struct Told {
  std::optional<Change> change;
  bool is_over = false;     // the session is not followed any more
  bool is_reached = false;  // ... because it is in a state of `until`
  bool was_changed = false;
  std::optional<Error> stops;        // what ends the whole watch
  Clock::time_point next{};          // look
  Clock::time_point known_end = {};  // look at the session's end; max: none is known
};

class Followed {
 public:
  Followed(std::string provider, std::string id, const FollowRules& rules);

  /// Goes on from what an earlier watch saw, some time ago.
  void resume(Session last, std::optional<Clock::time_point> ends);

  Told see(const FollowRules& rules, Session session, const LookTime& look);
  Told fail(const FollowRules& rules, const Error& error, const LookTime& look);

  /// An event says that something has happened to it, or, if it is alive, that it goes on. Returns
  /// when the next look is to be, which was to be at `planned`. No event stands for a look.
  Clock::time_point heed(const FollowRules& rules, bool is_alive, Clock::time_point now,
                         Clock::time_point planned);

  /// There is a gap in which more may have happened than the next look can tell.
  void doubt() { has_gap_ = true; }

  /// The session as it is told where it was never seen.
  Session unseen() const;

  bool is_failing() const { return failing_since_.has_value(); }
  const std::string& id() const { return id_; }
  const std::optional<Session>& last() const { return last_; }
  std::optional<Clock::time_point> ends() const { return ends_; }

  /// True while it has not been seen, and "not found" only means that it is still to come.
  bool is_awaited(const FollowRules& rules) const {
    return rules.missing == Missing::wait && !was_there_;
  }

 private:
  Told tell_trouble(const Error& error, const LookTime& look, ChangeReason reason);

  std::string provider_;
  std::string id_;
  Pace pace_;
  std::optional<Session> last_;
  LookTime looked_{};                      // when `last_` was seen
  std::optional<Clock::time_point> ends_;  // when the server said it would
  std::optional<Clock::time_point> failing_since_;
  Clock::duration patience_{};  // how long it may fail before that is told
  int contract_errors_ = 0;     // while it has not been read
  bool was_there_ = false;
  bool has_gap_ = false;  // since `last_`
  bool has_told_trouble_ = false;
};

}  // namespace sessionvitals

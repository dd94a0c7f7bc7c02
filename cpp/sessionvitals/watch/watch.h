#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sessionvitals/client/client.h"
#include "sessionvitals/watch/change.h"
#include "sessionvitals/watch/followed.h"

namespace sessionvitals {

class WatchState;   // watch_state.h
class WatchThread;  // watch_thread.h

/// How long a watch may take in all. It has no default: an endless watch is asked for in words.
class WatchDeadline {
 public:
  WatchDeadline(std::chrono::duration<double> time) : time_(time) {}  // NOLINT: meant
  static WatchDeadline none() { return {}; }

  const std::optional<std::chrono::duration<double>>& time() const { return time_; }

 private:
  WatchDeadline() = default;

  std::optional<std::chrono::duration<double>> time_;  // more than 0
};

/// What a watch whose looks are paced by its caller wants of the caller.
struct PermitNeed {
  bool is_over = false;    // no look is made any more
  bool is_wanted = false;  // a look is due, and waits for a permit
  std::chrono::duration<double>
      closed_for{};  // the vendor has asked for such a pause since the last
};

struct WatchOptions {
  std::vector<std::string> session_ids = {};
  WatchDeadline deadline;
  StateSet until = kFinal;  // empty: without end
  // From look to look. Without it: the vendor's pace, which grows while nothing changes. tiun
  // wants it.
  std::optional<std::chrono::duration<double>> every = {};
  std::optional<double> rate = {};  // looks a second, of all watches of the client
  // Each look waits for a permit of the caller's, instead, see Watch::await_need(); then `rate` is
  // about how many of them there are.
  bool is_paced = false;
  // Its caller judges which state is wanted, and says so by conclude(); then a session of kFinal
  // still ends, otherwise than wanted.
  bool caller_judges = false;
  Missing missing = Missing::end;
  bool counters = false;
  bool expiry = false;
  // Three sessions and more are also followed by the vendor's stream of events, where it has one:
  // an event has its session looked at at once, and no event stands for a look.
  bool hears_events = true;
  // How long that stream may say nothing, not even a comment: then it is opened anew.
  std::chrono::duration<double> events_idle_timeout = kDefaultIdleTimeout;
  std::string resume = {};  // an earlier watch's token(); empty: none
  bool is_of_many = false;  // more ids may be added
  CallOptions call = {};    // of each look
};

enum class WatchOutcome {
  reached,   // each session came into a state of `until`
  ended,     // some session came to another end
  deadline,  // the time is over
  closed,    // by close(), by an error, or as the process ends
};

/// Returns the outcome's name, as it is spelled above.
std::string_view outcome_name(WatchOutcome outcome);

/// Follows sessions until they end:
///
///     Watch watch = client.watch({.session_ids = {"s-1"}, .deadline = 10min});
///     while (std::optional<Change> change = watch.next()) use(*change);
///     if (const Error* error = watch.error()) ...
///
/// Each session is looked at at once, and gives a first change. Looks are made in one thread
/// for all watches of a client and its views, and all share one budget of looks. What is not
/// taken waits: of a session of which a change waits already there is one merged change once
/// 1,000 wait, so what a watch holds is bounded by the number of its sessions.
///
/// Members may be called from several threads at once; only next() waits. A forked child
/// cannot use its parent's watch: see is_inherited().
class Watch {
 public:
  /// Never fails: what is wrong with the options is error(). `on_ready` is called in the
  /// library's thread, which it must not hold up, when there are changes to be taken, and at
  /// the end.
  Watch(const Client& client, WatchOptions options, std::function<void()> on_ready = {});

  /// Closes it.
  ~Watch();
  Watch(Watch&&) noexcept;
  Watch& operator=(Watch&&) = delete;

  /// Waits for the next change and returns it; nothing at the end, see outcome() and error().
  std::optional<Change> next();

  /// Returns the next change if there is one, without waiting.
  std::optional<Change> take_ready();

  /// True once the watch has ended and all its changes have been taken.
  bool is_done() const;

  /// Follows one more session; one that is followed already is left as it is. Returns why it
  /// cannot be asked for. Nothing is followed after the end.
  std::optional<Error> add(std::string session_id);

  /// Follows the session no more, and drops its changes. Nothing if it is not followed.
  void discard(std::string_view session_id);

  /// The same, and it counts as reached: for a wish that no state can say.
  void conclude(std::string_view session_id);

  /// How many sessions are followed.
  std::size_t size() const;

  /// For a watch that is paced: waits so long at most for its need of a permit, or for news of a
  /// pause. Called by one thread at a time.
  PermitNeed await_need(std::chrono::duration<double> longest);

  /// Lets one look be made.
  void give_permit();

  /// By how much looks of the client's are late against their plan.
  Clock::duration lag() const;

  /// How the watch ended; nothing before it did.
  std::optional<WatchOutcome> outcome() const;

  /// What ended the watch, if an error did; otherwise nullptr.
  const Error* error() const;

  /// Returns, as JSON, what a later watch needs to go on from the changes that were taken: it
  /// looks at all sessions anew, and tells what is different. It holds ids and no credential.
  std::string token() const;

  /// Ends it: no further request is made, and one on its way is cancelled. Changes not taken
  /// are dropped.
  void close();

  bool is_inherited() const;

  /// Ends all watches, for the end of the process, which may come while they are open.
  static void stop_all();

 private:
  std::shared_ptr<WatchThread> thread_;  // outlives the state
  std::shared_ptr<WatchState> state_;    // nullptr if the options are wrong
  std::unique_ptr<const Error> error_;   // what is wrong with them
};

}  // namespace sessionvitals

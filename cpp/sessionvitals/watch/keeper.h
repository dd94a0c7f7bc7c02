#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "sessionvitals/client/eliza_client.h"

namespace sessionvitals {

class KeeperState;
class WatchThread;

struct KeeperOptions {
  std::string session_id;
  // The session is renewed when less than this is left of its time, and never oftener than
  // every quarter of it, or of the session's life, where that is shorter; at least 0.1 s.
  std::chrono::duration<double> margin = std::chrono::seconds(60);
  CallOptions call = {};  // of each request
};

/// Keeps an elizaOS session alive: looks at it at once, and sends a heartbeat, or a renewal
/// where its config says that use does not renew it, before it expires. At its maximum duration
/// the server lets it expire all the same: is_lost(). No other session is made.
///
/// Works in the thread of the client's watches. Members may be called from several threads.
class Keeper {
 public:
  /// Never fails: what is wrong with the options is error(). `on_change` is called in the
  /// library's thread, which it must not hold up, when the keeper is over.
  Keeper(const ElizaClient& client, KeeperOptions options, std::function<void()> on_change = {});
  ~Keeper();
  Keeper(Keeper&&) noexcept;
  Keeper& operator=(Keeper&&) = delete;

  /// The session as it was seen last; nothing before its first answer.
  std::optional<ElizaSession> session() const;

  /// Why the last request failed; nothing if it did not. An error that passes is asked about
  /// again, so only with is_over() is it the end.
  std::optional<Error> error() const;

  /// True once the session is gone: at its maximum duration, deleted, or never there.
  bool is_lost() const;

  /// True once nothing is done any more.
  bool is_over() const;

  /// Waits until it is over, for that long at most; returns is_over().
  bool wait(Clock::duration longest) const;

  /// Looks at the session now: as after a time in which the machine slept.
  void check();

  /// Ends it: no further request is made, and one on its way is cancelled.
  void close();

  bool is_inherited() const;

 private:
  std::shared_ptr<WatchThread> thread_;  // outlives the state
  std::shared_ptr<KeeperState> state_;   // nullptr if the options are wrong
  std::optional<Error> error_;           // what is wrong with them
};

}  // namespace sessionvitals

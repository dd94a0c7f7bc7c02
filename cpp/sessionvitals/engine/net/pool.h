#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "sessionvitals/engine/fork.h"
#include "sessionvitals/engine/net/connection.h"
#include "sessionvitals/engine/net/dial.h"

/// Kept-alive connections to one origin, shared by all transports of the process
/// with the same settings. It opens none itself: it says who may, so that no
/// more than max_connections are ever open. Safe to use from many threads, and
/// across fork: a child finds its pools empty.
namespace sessionvitals::engine {

/// What a pool of connections is doing at one moment, and what it has done.
struct PoolStatistics {
  std::string origin;
  std::size_t idle = 0;
  std::size_t leased = 0;   // carrying an exchange, or being opened
  std::size_t waiting = 0;  // calls in the queue
  std::uint64_t opened = 0;
  std::uint64_t reused = 0;
  std::uint64_t stale = 0;  // idle ones found closed, too old or with unread bytes
};

class Pool;

/// The right to one connection of a pool, or a place in the queue for it. Gives
/// the right back when it goes. Belongs to one thread at a time.
class Lease {
 public:
  explicit Lease(std::shared_ptr<Pool> pool);
  ~Lease();
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  /// Returns true once the right is held; until then, descriptor() becomes
  /// readable when it is worth asking again. First come, first served.
  bool acquire();
  int descriptor() const;

  /// Returns a kept-alive connection that can carry a request and has been idle for
  /// less than `max_idle`, or nullptr: then the holder of the lease may open one, and
  /// says so by note_opened(). Closes an idle one if the pool is full, to make room.
  std::unique_ptr<Connection> take_idle(Clock::time_point now,
                                        Clock::duration max_idle = Clock::duration::max());

  /// Says that the lease's connection has been opened.
  void note_opened();

  /// Ends the lease, and keeps the connection for the next one, if its pool may.
  void give_back(std::unique_ptr<Connection> connection, Clock::time_point now);

  /// Says that the peer has sent what nobody asked for. What it sends late may
  /// come at any time, also just after a look: for kQuarantine no connection is used
  /// for more than one call.
  void record_unsolicited(Clock::time_point now);
  static constexpr std::chrono::seconds kQuarantine{60};

  /// Ends the lease, or leaves the queue. The connection, if there was one, has
  /// been dropped by its owner.
  void release();

 private:
  friend class Pool;
  enum class State { none, queued, granted };

  std::shared_ptr<Pool> pool_;
  std::atomic<State> state_{State::none};  // written under the pool's mutex
  std::uint32_t generation_;               // a lease does not outlive a fork
  std::unique_ptr<Wakeup> wakeup_;         // made when it has to queue
};

class Pool final : public ForkListener {
 public:
  /// Returns the process's pool for the route; makes it if there is none.
  static std::shared_ptr<Pool> find_or_make(const Route& route);

  /// Returns what all pools of this process are doing.
  static std::vector<PoolStatistics> all_statistics();

  explicit Pool(Route route);
  ~Pool() override;

  const Route& route() const { return route_; }
  const TlsResumption& resumption() const { return resumption_; }
  PoolStatistics statistics() const;

  std::size_t max_connections() const { return route_.options.max_connections; }

  /// Closes what is idle.
  void close_idle();

  /// One look at the idle connections that the next calls will take, in place of one for each
  /// call. As long as it lives, those that were quiet are taken without another: it is for calls
  /// that are sent at once, and kMost of them at most.
  class Look {
   public:
    static constexpr std::size_t kMost = 64;

    Look(Pool& pool, std::size_t calls);
    ~Look();
    Look(const Look&) = delete;
    Look& operator=(const Look&) = delete;

   private:
    Pool& pool_;
  };

  void in_child() override;

 private:
  friend class Lease;
  bool acquire(Lease& lease);
  void end(Lease& lease, std::unique_ptr<Connection> connection);
  void grant_next();
  std::unique_ptr<Connection> pop_idle(Clock::time_point now, Clock::duration max_idle);

  const Route route_;
  const TlsResumption resumption_;
  mutable ForkSafeMutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_;  // the one used last at the end
  std::deque<Lease*> queue_;
  std::size_t leased_ = 0;
  Clock::time_point quarantined_until_{};
  std::uint64_t opened_ = 0;
  std::uint64_t reused_ = 0;
  std::uint64_t stale_ = 0;
};

// However many origins a process talks to, it keeps no more idle connections
// than this: half of the usual limit of 1024 descriptors.
inline constexpr std::size_t kMaxIdle = 512;

}  // namespace sessionvitals::engine

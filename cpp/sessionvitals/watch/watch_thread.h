#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <thread>
#include <unordered_set>
#include <vector>

#include "sessionvitals/client/client_core.h"
#include "sessionvitals/engine/drivers/reactor.h"
#include "sessionvitals/watch/followed.h"
#include "sessionvitals/watch/running/watch_permits.h"
#include "sessionvitals/watch/watch_plan.h"

/// The one thread in which all that a client watches and keeps alive is looked at.
namespace sessionvitals {

class HintStream;  // hints/hint_stream.h
class WatchMember;

/// A call that is made again and again. It belongs to a member, and is destroyed by
/// WatchThread::drop() alone, as it may be on its way.
class Poll : public Due {
 public:
  explicit Poll(WatchMember& member);
  virtual ~Poll();
  Poll(const Poll&) = delete;
  Poll& operator=(const Poll&) = delete;

  WatchMember& member() const { return member_; }

  // In the thread, and but for read() with the mutex.
  virtual const CallPlan& call_plan() const = 0;
  virtual OperationTraits traits() const = 0;
  virtual Result<Request> build() = 0;
  /// If it is large: parses what came, without the mutex.
  virtual bool is_large() const { return false; }
  virtual void read(Exchange) {}
  /// If it is a stream: how long it may say nothing, once its head has come. It takes no place of
  /// the calls that may be on their way.
  virtual std::optional<Clock::duration> silence() const { return std::nullopt; }
  /// Takes what has come of the stream, at first its head. Returns why it is of no use.
  virtual std::optional<Error> hear(engine::Call&, Clock::time_point) { return std::nullopt; }
  /// Does what follows from it, and plans the next call if there is to be one.
  virtual void conclude(Exchange exchange, const LookTime& look) = 0;

 private:
  friend class WatchThread;
  struct Flight;

  WatchMember& member_;
  std::unique_ptr<Flight> flight_;  // while it is on its way
  bool is_dropped_ = false;
};

/// A watch or a keeper. All its members are called, and all that they touch is guarded, with
/// the thread's mutex.
class WatchMember : public std::enable_shared_from_this<WatchMember> {
 public:
  virtual ~WatchMember() = default;

  /// Its deadline has come.
  virtual void expire() = 0;

  /// Its token was cancelled.
  virtual void end_cancelled() = 0;

  /// The process ends.
  virtual void stop() = 0;

  /// Tells its user, if there is news; in the thread, without the mutex. Must not block.
  virtual void tell() = 0;

  Clock::time_point deadline = Clock::time_point::max();
  std::optional<CancelToken> cancel;
  double rate = 0;                        // looks a second, of all of the client's; 0: no matter
  std::unique_ptr<WatchPermits> permits;  // if its caller paces its looks, apart from those

 private:
  friend class WatchThread;
  struct DeadlineDue : Due {
    WatchMember* member = nullptr;
  };

  DeadlineDue deadline_due_;
  bool has_news_ = false;
};

class WatchThread {
 public:
  /// Returns the client's, and of all its views.
  static std::shared_ptr<WatchThread> of(const Client& client);
  static void stop_all();

  explicit WatchThread(const Client& client);
  ~WatchThread();
  WatchThread(const WatchThread&) = delete;
  WatchThread& operator=(const WatchThread&) = delete;

  std::mutex& mutex() { return mutex_; }
  const Client& client() const { return client_; }

  /// True in a child forked since the first member joined.
  bool is_inherited() const;

  /// Takes the member in, and starts the thread for the first. Returns why it cannot.
  std::optional<Error> join(const std::shared_ptr<WatchMember>& member);

  /// Forgets the member; waits until the thread has. Without the mutex.
  void leave(const std::shared_ptr<WatchMember>& member);

  // With the mutex:

  void plan(Poll& poll, Clock::time_point at);
  void forget(Poll& poll);

  /// Cancels the call, if it is on its way, and destroys the poll. From any thread.
  void drop(std::unique_ptr<Poll> poll);

  /// Has the member tell its user, soon.
  void tell(WatchMember& member);

  /// Has the thread look what is due.
  void wake();

  bool is_on_its_way(const Poll& poll) const { return poll.flight_ != nullptr; }
  bool is_stopping() const { return is_stopping_; }
  Clock::duration lag() const;

  void stop();

  /// The streams of events that are open, by how long they may be silent.
  std::map<Clock::duration, std::weak_ptr<HintStream>> hint_streams;

 private:
  void run();
  void start_due();
  Due* take_due(Clock::time_point now);
  void announce_needs();
  void start(Poll& poll, Clock::time_point now);
  void hear(Poll::Flight& flight);
  void conclude(Poll::Flight& flight, std::unique_lock<std::mutex>& lock);
  void end_members(Clock::time_point now);
  void bury();
  void tell_members(std::unique_lock<std::mutex>& lock);
  Clock::time_point next_turn(Clock::time_point now) const;
  void choose_rate();
  double chance();
  bool is_own_thread() const { return std::this_thread::get_id() == thread_.get_id(); }

  const Client client_;
  const std::size_t max_at_once_;

  mutable std::mutex mutex_;
  std::unordered_set<std::shared_ptr<WatchMember>> members_;
  std::vector<std::shared_ptr<WatchMember>> leaving_;
  std::vector<WatchMember*> cancellable_;
  std::vector<WatchMember*> paced_;
  std::vector<std::weak_ptr<WatchMember>> news_;
  std::vector<std::unique_ptr<Poll>> dropped_;
  std::condition_variable has_left_;
  WatchPlan plan_;
  DueHeap deadlines_;
  std::size_t on_their_way_ = 0;
  bool is_waiting_ = false;  // the thread, for what next_turn() said
  std::atomic<bool> is_stopping_ = false;
  std::mt19937 random_;

  std::atomic<bool> is_started_ = false;
  std::uint32_t generation_ = 0;
  std::vector<engine::ReactorTask*> done_;
  std::vector<std::unique_ptr<Poll::Flight>> spare_;
  engine::Reactor reactor_;
  std::mutex join_mutex_;
  std::thread thread_;
};

}  // namespace sessionvitals

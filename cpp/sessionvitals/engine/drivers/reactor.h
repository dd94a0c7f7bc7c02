#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "sessionvitals/context.h"
#include "sessionvitals/engine/call/call.h"
#include "sessionvitals/engine/drivers/wait.h"
#include "sessionvitals/engine/fork.h"

/// The driver of many calls: moves them all in one thread, by epoll. The other
/// driver, for one call in its caller's thread, is in transport.cpp.
///
/// It decides nothing about a call, and belongs to one thread; only wake() may be
/// called from others. A forked child must not use its copy: the epoll instance
/// is the parent's, and the child's descriptor of it is closed at the fork.
namespace sessionvitals::engine {

/// A call that a reactor moves. Its owner keeps it until it is done.
struct ReactorTask {
  std::unique_ptr<Call> call;
  Clock::time_point deadline = Clock::time_point::max();

  /// True if run() gave it for a piece of its stream, and it has not gone on since.
  bool has_piece() const { return has_piece_; }

 private:
  friend class Reactor;
  WaitSet waiting_;
  std::size_t place_ = 0;  // among the reactor's tasks
  bool is_listed_ = false;
  bool has_piece_ = false;
};

class Reactor final : public ForkListener {
 public:
  Reactor();
  ~Reactor() override;

  /// Takes the task in, and moves it as far as it goes. If it is done at once it
  /// is among those that the next run() gives.
  void start(ReactorTask& task);

  /// Ends a task that is not done yet, as cancelled or because its time is over,
  /// and forgets it: run() will not give it.
  void end(ReactorTask& task, WakeReason why);

  /// Lets a task go on that has_piece(): reads no more of its stream before this.
  void go_on(ReactorTask& task);

  std::size_t active() const { return tasks_.size(); }

  /// Is called with a task that is done or has a piece of its stream, which may then be
  /// destroyed. May start and end tasks.
  using Take = std::function<void(ReactorTask&)>;

  /// Moves the tasks until at least one is done or has a piece of its stream, wake() is
  /// called or the context ends; gives each such task to `take` before it reads the next
  /// socket. Reads every socket that is ready before it looks at a deadline, so that a late
  /// thread loses no answer.
  WakeReason run(const Context& context, const Take& take);

  /// Makes the present run(), or the next one, return. From any thread.
  void wake() const {
    if (wakeup_) wakeup_->signal();
  }

  void in_child() override;

 private:
  struct Registration {
    ReactorTask* task = nullptr;
    std::uint64_t serial = 0;  // of the connection that is registered
  };

  void move(ReactorTask& task);
  bool move_ready(int timeout_milliseconds, const Take& take);
  void give_done(const Take& take);
  bool move_all();
  void watch(ReactorTask& task);
  void forget(ReactorTask& task);
  void check_times(Clock::time_point now);
  void check_by(const ReactorTask& task);

  int epoll_;
  std::optional<Wakeup> wakeup_;
  std::vector<ReactorTask*> tasks_;
  std::deque<ReactorTask*> done_;            // and not taken
  std::size_t given_ = 0;                    // by this run()
  std::vector<Registration> registrations_;  // by descriptor
  Clock::time_point last_check_{};
  Clock::time_point next_check_ = Clock::time_point::max();
};

}  // namespace sessionvitals::engine

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <unordered_map>
#include <vector>

#include "sessionvitals/engine/drivers/reactor.h"
#include "sessionvitals/engine/fork.h"
#include "sessionvitals/engine/pool_transport.h"

/// Carries calls in a thread of its own, for callers who must not wait: one
/// thread and one reactor for the whole process, begun with the first call. It
/// knows no language and no event loop: a task's `done` is all it tells.
namespace sessionvitals::engine {

class Dispatcher {
 public:
  struct Task {
    std::shared_ptr<const PoolTransport> transport;
    Request request;
    CallPolicy policy;
    Clock::time_point deadline;
    /// Called once, in the dispatcher's thread, which it must not hold up.
    std::function<void(Result<Response>, std::shared_ptr<CallReport>)> done;
  };

  /// Returns the process's; a forked child has one of its own. Fails with a TransportError if its
  /// thread cannot be started.
  static Result<std::shared_ptr<Dispatcher>> of_process();

  /// Returns the process's if there is one; otherwise nullptr.
  static std::shared_ptr<Dispatcher> find();

  /// Stops the process's, if there is one. Not to be called before the end.
  static void end_of_process();

  Dispatcher();
  ~Dispatcher();
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  /// Takes a task in and returns its number, from 1, which no other task has that was submitted in
  /// this process or before it was forked. From any thread.
  std::uint64_t submit(Task task);

  /// Ends the task of that number as cancelled, if it is not over. From any thread.
  void cancel(std::uint64_t number);

  /// Ends all tasks as cancelled and the thread with them; later tasks are
  /// cancelled at once. What is called at the process's end.
  void stop();

  /// Returns for how many transports it has calls now. From any thread.
  std::size_t queue_count() const { return queue_count_; }

 private:
  static bool is_ours(const std::shared_ptr<Dispatcher>& known);

  struct PendingCall;
  struct Command {  // from other threads: a task to begin, or a number to cancel
    std::uint64_t number = 0;
    std::unique_ptr<PendingCall> call;  // nullptr: cancel
  };
  struct Queue;

  void run();
  void execute(std::vector<Command> commands);
  void begin_queued(Queue& queue);
  void expire_queued(Clock::time_point now);
  void conclude(PendingCall& pending);
  void abandon(std::unique_ptr<PendingCall> pending, WakeReason why);

  const std::uint32_t generation_;
  ForkSafeMutex mutex_;
  std::vector<Command> commands_;  // under the mutex, as is the next one
  bool is_stopping_ = false;

  // The thread's own.
  std::unordered_map<std::uint64_t, std::unique_ptr<PendingCall>> pending_;
  std::unordered_map<const PoolTransport*, std::unique_ptr<Queue>> queues_;
  std::atomic<std::size_t> queue_count_ = 0;
  Reactor reactor_;
  std::thread thread_;
};

}  // namespace sessionvitals::engine

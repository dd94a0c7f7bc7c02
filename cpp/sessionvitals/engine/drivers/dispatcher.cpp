#include "sessionvitals/engine/drivers/dispatcher.h"

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <system_error>
#include <utility>

#include "sessionvitals/engine/drivers/core_thread.h"
#include "sessionvitals/engine/drivers/round.h"

namespace sessionvitals::engine {
namespace {

// Tasks that wait for a connection are looked at this often for their deadline.
constexpr std::chrono::milliseconds kLookInterval{5};

Error ended_in_queue(WakeReason why) {
  if (why == WakeReason::deadline) {
    return {ErrorKind::deadline_exceeded, Phase::queue,
            "The time allowed passed while the call waited for a free connection. Allow more by "
            "timeout=, or more connections by max_connections=."};
  }
  return {ErrorKind::call_cancelled, Phase::queue, "The call was cancelled before it was made."};
}

// Goes on in a forked child, which may still end a call that it inherited: none of its own may
// have that number.
std::atomic<std::uint64_t> last_number{0};

struct Holder {
  ForkSafeMutex mutex;
  std::shared_ptr<Dispatcher> dispatcher;
};

// Never destroyed: calls may still end while the process does.
Holder& holder() {
  static auto* made = new Holder;
  return *made;
}
[[maybe_unused]] const Holder& made_when_loaded = holder();  // see fork.h

}  // namespace

/// One task on its way.
struct Dispatcher::PendingCall : ReactorTask {
  std::uint64_t number = 0;
  Task task;
  std::shared_ptr<CallReport> report = std::make_shared<CallReport>();
};

/// The tasks of one transport: as many at once as its pool has connections, so
/// that those which wait need no descriptor for it.
struct Dispatcher::Queue {
  std::size_t active = 0;
  std::deque<std::uint64_t> waiting;
};

bool Dispatcher::is_ours(const std::shared_ptr<Dispatcher>& known) {
  return known && known->generation_ == fork_generation();
}

std::shared_ptr<Dispatcher> Dispatcher::find() {
  Holder& held = holder();
  const std::lock_guard lock(held.mutex);
  return is_ours(held.dispatcher) ? held.dispatcher : nullptr;
}

Result<std::shared_ptr<Dispatcher>> Dispatcher::of_process() {
  if (auto known = find()) return known;
  std::shared_ptr<Dispatcher> fresh;
  try {
    fresh = std::make_shared<Dispatcher>();  // without the lock, as fork.h asks
  } catch (const std::system_error& problem) {
    return no_thread_for("call", problem);
  }
  auto inherited = std::make_unique<std::shared_ptr<Dispatcher>>();
  Holder& held = holder();
  {
    const std::lock_guard lock(held.mutex);
    if (is_ours(held.dispatcher)) return held.dispatcher;  // another thread was quicker
    inherited->swap(held.dispatcher);
    held.dispatcher = fresh;
  }
  static const int registered = std::atexit(end_of_process);
  (void)registered;
  // What a child inherits has no thread behind it, and is never destroyed.
  if (*inherited) inherited.release();
  return fresh;
}

void Dispatcher::end_of_process() {
  std::shared_ptr<Dispatcher> ending;
  {
    const std::lock_guard lock(holder().mutex);
    ending = holder().dispatcher;
  }
  if (ending) ending->stop();
}

Dispatcher::Dispatcher() : generation_(fork_generation()) {
  thread_ = start_thread([this] { run(); });
}

Dispatcher::~Dispatcher() { stop(); }

void Dispatcher::stop() {
  if (generation_ != fork_generation()) return;
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  reactor_.wake();
  if (thread_.joinable()) thread_.join();
}

std::uint64_t Dispatcher::submit(Task task) {
  auto pending = std::make_unique<PendingCall>();
  pending->task = std::move(task);
  std::unique_ptr<PendingCall> refused;
  std::uint64_t number = 0;
  bool must_wake = false;
  {
    const std::lock_guard lock(mutex_);
    number = pending->number = ++last_number;
    if (is_stopping_) {
      refused = std::move(pending);
    } else {
      must_wake = commands_.empty();
      commands_.push_back({number, std::move(pending)});
    }
  }
  if (must_wake) reactor_.wake();
  if (refused) refused->task.done(ended_in_queue(WakeReason::cancelled), nullptr);
  return number;
}

void Dispatcher::cancel(std::uint64_t number) {
  bool must_wake = false;
  {
    const std::lock_guard lock(mutex_);
    must_wake = commands_.empty();
    commands_.push_back({number, nullptr});
  }
  if (must_wake) reactor_.wake();
}

void Dispatcher::run() {
  std::vector<ReactorTask*> done;
  for (;;) {
    std::vector<Command> commands;
    bool is_stopping = false;
    {
      const std::lock_guard lock(mutex_);
      commands.swap(commands_);
      is_stopping = is_stopping_;
    }
    {
      const Round round;
      execute(std::move(commands));
    }
    if (is_stopping) break;

    const auto has_waiting = [](const auto& entry) { return !entry.second->waiting.empty(); };
    Context context;
    if (std::ranges::any_of(queues_, has_waiting)) context.deadline = Clock::now() + kLookInterval;
    done.clear();
    const WakeReason woken =
        reactor_.run(context, [&](ReactorTask& task) { done.push_back(&task); });
    const Round round;
    if (woken == WakeReason::deadline) expire_queued(Clock::now());
    for (ReactorTask* task : done) conclude(static_cast<PendingCall&>(*task));
  }
  while (!pending_.empty()) {
    auto pending = std::move(pending_.begin()->second);
    pending_.erase(pending_.begin());
    abandon(std::move(pending), WakeReason::cancelled);
  }
  queues_.clear();
}

void Dispatcher::execute(std::vector<Command> commands) {
  for (Command& command : commands) {
    if (command.call) {
      auto& queue = queues_[command.call->task.transport.get()];
      if (!queue) queue = std::make_unique<Queue>();
      queue->waiting.push_back(command.number);
      pending_.emplace(command.number, std::move(command.call));
    } else if (const auto found = pending_.find(command.number); found != pending_.end()) {
      auto pending = std::move(found->second);
      pending_.erase(found);
      abandon(std::move(pending), WakeReason::cancelled);
    }
  }
  std::erase_if(queues_, [this](auto& entry) {
    begin_queued(*entry.second);
    return entry.second->active == 0 && entry.second->waiting.empty();
  });
  queue_count_ = queues_.size();
}

void Dispatcher::begin_queued(Queue& queue) {
  while (!queue.waiting.empty()) {
    const auto found = pending_.find(queue.waiting.front());
    if (found == pending_.end()) {  // cancelled, or out of time
      queue.waiting.pop_front();
      continue;
    }
    PendingCall& pending = *found->second;
    if (queue.active >= pending.task.transport->max_connections()) return;
    queue.waiting.pop_front();
    ++queue.active;
    pending.deadline = pending.task.deadline;
    pending.call = pending.task.transport->begin(pending.task.request, pending.task.policy,
                                                 pending.deadline, *pending.report);
    reactor_.start(pending);
  }
}

void Dispatcher::expire_queued(Clock::time_point now) {
  for (auto& [transport, queue] : queues_) {
    for (const std::uint64_t number : queue->waiting) {
      const auto found = pending_.find(number);
      if (found == pending_.end() || found->second->task.deadline > now) continue;
      auto pending = std::move(found->second);
      pending_.erase(found);
      abandon(std::move(pending), WakeReason::deadline);
    }
  }
}

void Dispatcher::conclude(PendingCall& pending) {
  const auto owned = std::move(pending_.extract(pending.number).mapped());
  const auto queue = queues_.find(pending.task.transport.get());
  auto response = pending.call->take();
  pending.call.reset();  // gives its connection back, for the next in the queue
  --queue->second->active;
  begin_queued(*queue->second);
  if (queue->second->active == 0 && queue->second->waiting.empty()) queues_.erase(queue);
  queue_count_ = queues_.size();
  pending.task.done(std::move(response), std::move(pending.report));
}

void Dispatcher::abandon(std::unique_ptr<PendingCall> pending, WakeReason why) {
  if (!pending->call) {
    pending->task.done(ended_in_queue(why), nullptr);
    return;
  }
  reactor_.end(*pending, why);
  const auto queue = queues_.find(pending->task.transport.get());
  --queue->second->active;
  auto response = pending->call->take();
  pending->call.reset();
  pending->task.done(std::move(response), std::move(pending->report));
}

}  // namespace sessionvitals::engine

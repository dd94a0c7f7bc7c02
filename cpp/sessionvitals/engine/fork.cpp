#include "sessionvitals/engine/fork.h"

#include <pthread.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <new>
#include <utility>
#include <vector>

namespace sessionvitals::engine {
namespace {

std::atomic<std::uint32_t> generation{0};

// Which descriptors are sockets of ours. A table rather than a list, as a child
// must be able to read it whatever the parent's other threads were about.
constexpr std::size_t kMaxRegistered = 65536;
std::array<std::atomic<bool>, kMaxRegistered> noted{};
std::atomic<std::size_t> noted_end{0};  // just past the highest ever noted

/// Everything that has to be seen to at a fork. Never destroyed: a fork may come
/// while the process is already ending.
struct Registry {
  std::mutex mutex;
  std::vector<ForkSafeMutex*> mutexes;
  std::vector<ForkListener*> listeners;
};

/// Who calls a library, as readers, and who forks, as the writer; the writer goes
/// first, or calls without a pause would keep it waiting for ever.
class ForkLock {
 public:
  ForkLock() { make(); }

  void make() {
    pthread_rwlockattr_t attributes;
    ::pthread_rwlockattr_init(&attributes);
#ifdef __GLIBC__
    ::pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
#endif
    ::pthread_rwlock_init(&lock_, &attributes);
    ::pthread_rwlockattr_destroy(&attributes);
  }

  void call() { ::pthread_rwlock_rdlock(&lock_); }
  void fork() { ::pthread_rwlock_wrlock(&lock_); }
  void leave() { ::pthread_rwlock_unlock(&lock_); }

 private:
  pthread_rwlock_t lock_{};
};

ForkLock& crossing() {
  static auto* made = new ForkLock;
  return *made;
}

/// The calls that a fork waits for within a bound. Its mutex is held across the fork.
struct Delays {
  std::mutex mutex;
  std::condition_variable changed;
  int running = 0;
  int forks = 0;  // that wait, or are being made

  void before_fork() {
    std::unique_lock lock(mutex);
    ++forks;  // no call begins from here on
    changed.wait_for(lock, kMaxForkDelay, [this] { return running == 0; });
    lock.release();
  }

  void in_parent() {
    --forks;
    mutex.unlock();
    changed.notify_all();
  }

  void in_child() {
    forks = running = 0;
    mutex.unlock();
    // Made anew, as it may count waiting threads that are no longer there.
    new (&changed) std::condition_variable;
  }
};

Delays& delays() {
  static auto* made = new Delays;
  return *made;
}

// How many ForkBlocker live in this thread. Only the outermost counts: a second
// lock for reading would wait for a fork that waits for the first.
thread_local int calls_here = 0;

void before_fork();
void in_parent();
void in_child();

Registry& registry() {
  static Registry& made = [&]() -> Registry& {
    auto* fresh = new Registry;
    crossing();
    delays();
    ::pthread_atfork(before_fork, in_parent, in_child);
    return *fresh;
  }();
  return made;
}

[[maybe_unused]] const Registry& made_when_loaded = registry();

void before_fork() {
  delays().before_fork();
  if (calls_here == 0) crossing().fork();
  registry().mutex.lock();
  for (ForkSafeMutex* mutex : registry().mutexes) mutex->lock();
}

void give_back() {
  for (ForkSafeMutex* mutex : registry().mutexes) mutex->unlock();
  registry().mutex.unlock();
}

void in_parent() {
  give_back();
  if (calls_here == 0) crossing().leave();
  delays().in_parent();
}

void in_child() {
  if (calls_here == 0) crossing().leave();
  // Made anew, as it may count readers that wait and are no longer there.
  crossing().make();
  if (calls_here != 0) crossing().call();
  delays().in_child();
  generation.fetch_add(1);
  for (std::size_t i = 0; i < noted_end.load(); ++i) {
    if (noted[i].exchange(false)) ::close(static_cast<int>(i));
  }
  give_back();
  // A copy, as a listener may drop what holds others.
  const std::vector<ForkListener*> told = registry().listeners;
  for (ForkListener* listener : told) listener->in_child();
}

template <class Entry>
void drop(std::vector<Entry*>& entries, Entry* entry) {
  // Most are dropped young, so look from the end.
  for (std::size_t i = entries.size(); i-- > 0;) {
    if (entries[i] == entry) {
      entries[i] = entries.back();
      entries.pop_back();
      return;
    }
  }
}

}  // namespace

std::uint32_t fork_generation() { return generation.load(std::memory_order_relaxed); }

void register_socket(int descriptor) {
  const auto index = static_cast<std::size_t>(descriptor);
  if (descriptor < 0 || index >= kMaxRegistered) return;
  registry();  // so that a fork is told of at all
  noted[index].store(true);
  std::size_t end = noted_end.load();
  while (end <= index && !noted_end.compare_exchange_weak(end, index + 1)) {
  }
}

void close_socket(int descriptor) {
  const auto index = static_cast<std::size_t>(descriptor);
  if (descriptor >= 0 && index < kMaxRegistered) noted[index].store(false);
  ::close(descriptor);
}

ForkSafeMutex::ForkSafeMutex() {
  const std::lock_guard lock(registry().mutex);
  registry().mutexes.push_back(this);
}

ForkSafeMutex::~ForkSafeMutex() {
  const std::lock_guard lock(registry().mutex);
  drop(registry().mutexes, this);
}

ForkBlocker::ForkBlocker() {
  if (calls_here++ == 0) crossing().call();
}

ForkBlocker::~ForkBlocker() {
  if (--calls_here == 0) crossing().leave();
}

ForkUnblocker::ForkUnblocker() : depth_(std::exchange(calls_here, 0)) {
  if (depth_ != 0) crossing().leave();
}

ForkUnblocker::~ForkUnblocker() {
  if (depth_ != 0) crossing().call();
  calls_here = depth_;
}

ForkDelay::ForkDelay() {
  std::unique_lock lock(delays().mutex);
  delays().changed.wait(lock, [] { return delays().forks == 0; });
  ++delays().running;
}

ForkDelay::~ForkDelay() {
  const std::lock_guard lock(delays().mutex);
  if (delays().running > 0 && --delays().running == 0) delays().changed.notify_all();
}

ForkListener::ForkListener() {
  const std::lock_guard lock(registry().mutex);
  registry().listeners.push_back(this);
}

ForkListener::~ForkListener() {
  const std::lock_guard lock(registry().mutex);
  drop(registry().listeners, this);
}

}  // namespace sessionvitals::engine

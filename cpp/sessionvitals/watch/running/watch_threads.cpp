#include <cstdlib>
#include <map>
#include <utility>

#include "sessionvitals/engine/drivers/core_thread.h"
#include "sessionvitals/watch/watch_thread.h"

// Which client has which thread.
namespace sessionvitals {

namespace {

struct Running {
  engine::ForkSafeMutex mutex;
  std::map<const ClientCore*, std::weak_ptr<WatchThread>> threads;
};

// Never destroyed: a watch may still be open while the process ends.
Running& running() {
  static auto* made = new Running;
  return *made;
}
[[maybe_unused]] const Running& made_when_loaded = running();  // see fork.h

}  // namespace

std::shared_ptr<WatchThread> WatchThread::of(const Client& client) {
  const auto find = [&]() -> std::shared_ptr<WatchThread> {
    const auto found = running().threads.find(&client.core());
    auto thread = found == running().threads.end() ? nullptr : found->second.lock();
    return thread && !thread->is_inherited() && !thread->is_stopping_ ? thread : nullptr;
  };
  {
    const std::lock_guard lock(running().mutex);
    if (auto thread = find()) return thread;
  }
  // Without the lock, as fork.h asks.
  std::shared_ptr<WatchThread> fresh(new WatchThread(client), [](WatchThread* thread) {
    // In a forked child it is a copy of whatever the thread was at, and stays as it is.
    if (!thread->is_inherited()) delete thread;
  });
  static const int registered = std::atexit(stop_all);
  (void)registered;
  std::shared_ptr<WatchThread> other;
  {
    const std::lock_guard lock(running().mutex);
    other = find();
    if (!other) {
      std::erase_if(running().threads, [](const auto& entry) { return entry.second.expired(); });
      running().threads[&client.core()] = fresh;
    }
  }
  return other ? other : fresh;
}

void WatchThread::stop_all() {
  std::vector<std::shared_ptr<WatchThread>> threads;
  {
    const std::lock_guard lock(running().mutex);
    for (const auto& [core, thread] : running().threads) threads.push_back(thread.lock());
  }
  for (const auto& thread : threads) {
    if (thread) thread->stop();
  }
}

}  // namespace sessionvitals

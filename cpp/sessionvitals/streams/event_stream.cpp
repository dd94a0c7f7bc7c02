#include "sessionvitals/streams/event_stream.h"

#include <cstdlib>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "sessionvitals/engine/drivers/core_thread.h"
#include "sessionvitals/engine/fork.h"

namespace sessionvitals {

namespace {

Error configuration(std::string message) {
  return {ErrorKind::configuration_error, std::move(message)};
}

struct Begun {
  std::thread thread;
  CancelToken stop;
  std::shared_ptr<std::atomic<bool>> is_over;
};

// The waits that have a thread, for the end of the process.
struct Running {
  engine::ForkSafeMutex mutex;
  std::vector<Begun> waits;
  std::uint32_t generation = engine::fork_generation();
};

// Never destroyed: a wait may still be under way while the process ends.
Running& running() {
  static auto* made = new Running;
  return *made;
}
[[maybe_unused]] const Running& made_when_loaded = running();  // see fork.h

// Takes out the waits that are over, or all of them.
std::vector<Begun> take_waits(bool only_over) {
  std::vector<Begun> taken;
  const std::lock_guard lock(running().mutex);
  if (running().generation != engine::fork_generation()) {
    // Their threads are the parent's: they can be neither joined nor destroyed.
    new std::vector<Begun>(std::move(running().waits));
    running().waits.clear();
    running().generation = engine::fork_generation();
  }
  for (Begun& wait : running().waits) {
    if (!only_over || *wait.is_over) taken.push_back(std::move(wait));
  }
  std::erase_if(running().waits, [](const Begun& wait) { return !wait.thread.joinable(); });
  return taken;
}

void join(std::vector<Begun> waits) {
  for (Begun& wait : waits) {
    if (wait.thread.get_id() == std::this_thread::get_id()) {
      wait.thread.detach();  // `done` has ended the process
    } else {
      wait.thread.join();
    }
  }
}

}  // namespace

StreamState::StreamState(const Client& client, StreamOptions options)
    : options_(std::move(options)), generation_(engine::fork_generation()) {
  CallOptions& call = options_.call;
  const CallOptions& fallback = client.call_options();
  if (!call.cancel) call.cancel = fallback.cancel;
  if (call.is_interrupted == nullptr) call.is_interrupted = fallback.is_interrupted;
  if (options_.deadline && is_allowed(*options_.deadline)) {
    deadline_ = Clock::now() + std::chrono::ceil<Clock::duration>(*options_.deadline);
  }
}

std::optional<Error> StreamState::check() const {
  if (!is_allowed(options_.idle_timeout)) {
    return configuration("idle_timeout must be more than 0 and at most 86400 seconds.");
  }
  if (options_.deadline && !is_allowed(*options_.deadline)) {
    return configuration("deadline must be more than 0 and at most 86400 seconds.");
  }
  if (!is_allowed(options_.reconnect_after)) {
    return configuration("reconnect_after must be more than 0 and at most 86400 seconds.");
  }
  return std::nullopt;
}

std::optional<Error> StreamState::enter() {
  if (generation_ != engine::fork_generation()) {
    return configuration(
        "This stream belongs to the process that this one was forked from: open another one here.");
  }
  if (!is_taken_.exchange(true)) return std::nullopt;
  return configuration("This stream is being waited for already: ask for one item at a time.");
}

StreamLimits StreamState::limits() const {
  return {.idle_timeout = std::chrono::ceil<Clock::duration>(options_.idle_timeout),
          .deadline = deadline_,
          .stop = stop_};
}

Context StreamState::context() const {
  const CallOptions& call = options_.call;
  return {.deadline = deadline_,
          .cancel = call.cancel ? &*call.cancel : nullptr,
          .stop = &stop_,
          .is_interrupted = call.is_interrupted};
}

std::optional<Error> StreamState::run_in_thread(std::function<void()> work) const {
  join(take_waits(true));
  static const int registered = std::atexit(end_begun);
  (void)registered;
  auto is_over = std::make_shared<std::atomic<bool>>(false);
  try {
    auto thread = engine::start_thread([work = std::move(work), is_over]() mutable {
      work();
      work = nullptr;
      *is_over = true;
    });
    const std::lock_guard lock(running().mutex);
    running().waits.push_back({std::move(thread), stop_, std::move(is_over)});
  } catch (const std::system_error& problem) {
    return engine::no_thread_for("stream", problem);
  }
  return std::nullopt;
}

void StreamState::end_begun() {
  std::vector<Begun> waits = take_waits(false);
  for (const Begun& wait : waits) wait.stop.cancel();
  join(std::move(waits));
}

}  // namespace sessionvitals

#include "sessionvitals/client/bulk_thread.h"

#include <atomic>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "sessionvitals/engine/fork.h"

namespace sessionvitals {

struct BulkThread::State {
  // A place for an id in the order of coming; one that has failed already has its error.
  struct Given {
    std::string id;
    std::optional<Error> error;
  };

  State(const Client& client, const BulkOptions& options, std::function<void()> ready)
      : bulk(client, options),
        window(bulk.room()),
        on_ready(std::move(ready)),
        generation(engine::fork_generation()) {}

  void run();
  bool take_input();
  void give(std::vector<Outcome> some);

  BulkProbe bulk;  // the thread's own, but for room() before it starts, and wake()
  const std::size_t window;
  const std::function<void()> on_ready;
  const std::uint32_t generation;

  mutable std::mutex mutex;
  std::condition_variable has_input;
  std::vector<Given> input;
  std::vector<std::string> repeated;
  std::vector<Outcome> output;
  std::size_t added = 0;
  std::size_t taken = 0;
  bool is_finished = false;
  bool is_stopping = false;
  std::atomic<bool> is_over = false;
  std::thread thread;
};

BulkThread::BulkThread(const Client& client, const BulkOptions& options,
                       std::function<void()> on_ready)
    : state_(std::make_unique<State>(client, options, std::move(on_ready))) {
  if (configuration_error() == nullptr) {
    state_->thread = std::thread([state = state_.get()] { state->run(); });
  }
}

BulkThread::~BulkThread() {
  if (state_->generation != engine::fork_generation()) {
    state_.release();  // the thread is the parent's, and this a copy of its remains
    return;
  }
  {
    const std::lock_guard lock(state_->mutex);
    state_->is_stopping = true;
  }
  state_->has_input.notify_one();
  state_->bulk.wake();
  if (state_->thread.joinable()) state_->thread.join();
}

const Error* BulkThread::configuration_error() const { return state_->bulk.configuration_error(); }

std::size_t BulkThread::room() const {
  const std::lock_guard lock(state_->mutex);
  return state_->window - (state_->added - state_->taken);
}

void BulkThread::keep(std::vector<std::string> ids) {
  const std::lock_guard lock(state_->mutex);
  state_->repeated = std::move(ids);
}

void BulkThread::add(std::vector<std::string> ids) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->added += ids.size();
    for (std::string& id : ids) state_->input.push_back({std::move(id), std::nullopt});
  }
  state_->has_input.notify_one();
  state_->bulk.wake();
}

void BulkThread::add_failed(std::string id, Error error) {
  const std::lock_guard lock(state_->mutex);
  ++state_->added;
  state_->input.push_back({std::move(id), std::move(error)});
}

void BulkThread::finish() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->is_finished = true;
  }
  state_->has_input.notify_one();
  state_->bulk.wake();
}

std::vector<Outcome> BulkThread::take() {
  const std::lock_guard lock(state_->mutex);
  state_->taken += state_->output.size();
  return std::exchange(state_->output, {});
}

bool BulkThread::is_done() const {
  const std::lock_guard lock(state_->mutex);
  return state_->is_finished && state_->added == state_->taken;
}

bool BulkThread::is_over() const { return state_->is_over; }

void BulkThread::State::run() {
  while (take_input()) {
    give(bulk.take());
    is_over = bulk.is_over();
  }
  on_ready();
}

// Waits while there is nothing to do. Returns false once there will never be.
bool BulkThread::State::take_input() {
  std::unique_lock lock(mutex);
  const bool is_idle = bulk.is_empty();
  if (is_idle) {
    has_input.wait(lock, [this] { return is_stopping || is_finished || !input.empty(); });
  }
  if (is_stopping || (is_idle && is_finished && input.empty())) return false;
  std::vector<Given> given = std::exchange(input, {});
  std::vector<std::string> kept = std::exchange(repeated, {});
  lock.unlock();
  bulk.keep(std::move(kept));
  for (Given& one : given) {
    if (one.error) {
      bulk.add_failed(std::move(one.id), *std::move(one.error));
    } else {
      bulk.add(std::move(one.id));
    }
  }
  return true;
}

void BulkThread::State::give(std::vector<Outcome> some) {
  if (some.empty()) return;
  bool was_empty = false;
  {
    const std::lock_guard lock(mutex);
    was_empty = output.empty();
    std::move(some.begin(), some.end(), std::back_inserter(output));
  }
  if (was_empty) on_ready();
}

}  // namespace sessionvitals

#include <utility>

#include "sessionvitals/watch/watch_state.h"

// What those who read a watch call, and how it ends. The looks are in watch_state.cpp.
namespace sessionvitals {

namespace {

// Ctrl-C is looked for this often, as in a single call (engine/drivers/wait.cpp).
constexpr std::chrono::milliseconds kQuestionInterval{50};

}  // namespace

std::optional<Error> WatchState::check(const std::string& session_id) const {
  auto request = client().provider().probe.build({session_id}, client().core().credential);
  if (request) return std::nullopt;
  return std::move(request).error();
}

void WatchState::end_cancelled() {
  fail(Error(ErrorKind::call_cancelled, Phase::queue, "The watch was cancelled."));
}

void WatchState::tell() {
  if (plan_.on_ready) plan_.on_ready();
}

bool WatchState::is_all_settled() const {
  return looks_.empty() && held_.empty() && queue_.is_empty();
}

WatchOutcome WatchState::settled_outcome() const {
  return has_only_reached_ ? WatchOutcome::reached : WatchOutcome::ended;
}

std::optional<Change> WatchState::take() {
  auto change = queue_.take();
  if (!change && is_all_settled()) end(settled_outcome());
  return change;
}

std::optional<Change> WatchState::next() {
  std::unique_lock lock(thread_.mutex());
  for (;;) {
    auto change = take();
    if (change || outcome_) return change;
    if (has_changed_.wait_for(lock, kQuestionInterval) == std::cv_status::no_timeout) continue;
    if (plan_.look.is_interrupted == nullptr) continue;
    lock.unlock();
    if (plan_.look.is_interrupted()) return std::nullopt;
    lock.lock();
  }
}

std::optional<Change> WatchState::take_ready() {
  const std::lock_guard lock(thread_.mutex());
  return take();
}

bool WatchState::is_done() {
  const std::lock_guard lock(thread_.mutex());
  if (is_all_settled()) end(settled_outcome());
  return outcome_ && queue_.is_empty();
}

std::size_t WatchState::size() const {
  const std::lock_guard lock(thread_.mutex());
  return looks_.size();
}

std::optional<WatchOutcome> WatchState::outcome() const {
  const std::lock_guard lock(thread_.mutex());
  if (!outcome_ && is_all_settled()) return settled_outcome();
  return outcome_;
}

const Error* WatchState::error() const {
  const std::lock_guard lock(thread_.mutex());
  return error_.get();
}

void WatchState::close() {
  {
    const std::lock_guard lock(thread_.mutex());
    auto resumed = sessions_to_resume();  // before the end, which takes the looks away
    end(WatchOutcome::closed);
    left_ = std::move(resumed);
    queue_.clear();
  }
  thread_.leave(shared_from_this());
}

}  // namespace sessionvitals

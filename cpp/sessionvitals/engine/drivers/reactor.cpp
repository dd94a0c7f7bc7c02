#include "sessionvitals/engine/drivers/reactor.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>
#include <utility>

namespace sessionvitals::engine {
namespace {

// Deadlines and waits are checked this often at most, and not before the first of them: all
// of them at once, which is cheaper than keeping them in order, and well within the 50 ms that
// a call may overrun.
constexpr std::chrono::milliseconds kCheckInterval{5};
// A reactor without calls asks its context this often, as wait.cpp does.
constexpr std::chrono::milliseconds kIdleInterval{50};

constexpr std::size_t kEventsAtOnce = 256;
constexpr std::int64_t kMaxRest = 60'000;  // milliseconds: a deadline may be a day away

}  // namespace

Reactor::Reactor() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), wakeup_(std::in_place) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = wakeup_->descriptor();
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, wakeup_->descriptor(), &event);
}

Reactor::~Reactor() {
  while (!tasks_.empty()) end(*tasks_.back(), WakeReason::cancelled);
  if (epoll_ >= 0) ::close(epoll_);
}

void Reactor::start(ReactorTask& task) {
  task.place_ = tasks_.size();
  task.is_listed_ = true;
  tasks_.push_back(&task);
  move(task);
}

void Reactor::end(ReactorTask& task, WakeReason why) {
  forget(task);
  std::erase(done_, &task);
  task.has_piece_ = false;
  task.call->end(why);
}

void Reactor::go_on(ReactorTask& task) {
  task.has_piece_ = false;
  move(task);
}

void Reactor::move(ReactorTask& task) {
  for (std::size_t i = 0; i < task.waiting_.count; ++i) {
    const auto descriptor = static_cast<std::size_t>(task.waiting_.watches[i].descriptor);
    if (descriptor < registrations_.size() && registrations_[descriptor].task == &task) {
      registrations_[descriptor].task = nullptr;
    }
  }
  switch (task.call->step(Call::Receive::when_ready, task.waiting_)) {
    case Call::Progress::done:
      task.waiting_.clear();
      forget(task);
      done_.push_back(&task);
      return;
    case Call::Progress::streaming:
      task.waiting_.clear();
      task.has_piece_ = true;
      done_.push_back(&task);
      return;
    case Call::Progress::waiting:
      watch(task);
  }
}

// A connection stays registered, for edges, from the first wait to its close, so
// that a call on a kept-alive connection costs no further epoll_ctl. Whatever
// else is waited for is registered each time.
void Reactor::watch(ReactorTask& task) {
  check_by(task);
  for (std::size_t i = 0; i < task.waiting_.count; ++i) {
    const WaitSet::Watch& wanted = task.waiting_.watches[i];
    if (wanted.descriptor < 0) continue;
    const auto descriptor = static_cast<std::size_t>(wanted.descriptor);
    if (descriptor >= registrations_.size()) registrations_.resize(descriptor + 64);
    Registration& registration = registrations_[descriptor];
    registration.task = &task;
    if (wanted.serial != 0 && registration.serial == wanted.serial) continue;
    registration.serial = wanted.serial;
    epoll_event event{};
    event.data.fd = wanted.descriptor;
    event.events = wanted.serial != 0 ? EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET
                                      : static_cast<std::uint32_t>(wanted.events) | EPOLLONESHOT;
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, wanted.descriptor, &event) != 0 && errno == EEXIST) {
      ::epoll_ctl(epoll_, EPOLL_CTL_MOD, wanted.descriptor, &event);
    }
  }
}

void Reactor::forget(ReactorTask& task) {
  for (std::size_t i = 0; i < task.waiting_.count; ++i) {
    const auto descriptor = static_cast<std::size_t>(task.waiting_.watches[i].descriptor);
    if (descriptor < registrations_.size() && registrations_[descriptor].task == &task) {
      registrations_[descriptor].task = nullptr;
    }
  }
  if (!task.is_listed_) return;
  task.is_listed_ = false;
  tasks_[task.place_] = tasks_.back();
  tasks_[task.place_]->place_ = task.place_;
  tasks_.pop_back();
}

// Has the times checked when this task's next one comes.
void Reactor::check_by(const ReactorTask& task) {
  const Clock::time_point first = std::min(task.deadline, task.waiting_.until);
  if (first >= next_check_) return;
  const bool is_at_once = task.waiting_.until == WaitSet::kAtOnce;
  next_check_ = is_at_once ? Clock::time_point{} : std::max(first, last_check_ + kCheckInterval);
}

void Reactor::check_times(Clock::time_point now) {
  last_check_ = now;
  next_check_ = Clock::time_point::max();
  for (std::size_t i = tasks_.size(); i-- > 0;) {  // from the end: a done task's place is refilled
    ReactorTask& task = *tasks_[i];
    if (task.has_piece_) continue;
    if (now >= task.deadline) {
      task.call->end(WakeReason::deadline);
      forget(task);
      done_.push_back(&task);
    } else if (now >= task.waiting_.until) {
      move(task);
    } else {
      check_by(task);
    }
  }
}

// Waits for that long at most, and then moves all tasks that are ready, however
// many. Returns true if wake() was called.
bool Reactor::move_ready(int timeout_milliseconds, const Take& take) {
  if (epoll_ < 0 || wakeup_->descriptor() < 0) return move_all();
  std::array<epoll_event, kEventsAtOnce> events;
  bool was_woken = false;
  std::size_t rounds = tasks_.size() / kEventsAtOnce + 1;
  int ready = 0;
  do {
    ready =
        ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout_milliseconds);
    for (int i = 0; i < ready; ++i) {
      const int descriptor = events[static_cast<std::size_t>(i)].data.fd;
      if (descriptor == wakeup_->descriptor()) {
        wakeup_->drain();
        was_woken = true;
        continue;
      }
      // A task may have ended, and its descriptor been closed, since epoll_wait returned.
      if (ReactorTask* task = registrations_[static_cast<std::size_t>(descriptor)].task) {
        move(*task);
        give_done(take);
      }
    }
    timeout_milliseconds = 0;
  } while (ready == static_cast<int>(events.size()) && --rounds > 0);
  return was_woken;
}

// What is left to do where no descriptor could be had for epoll.
bool Reactor::move_all() {
  std::this_thread::sleep_for(kCheckInterval);
  for (std::size_t i = tasks_.size(); i-- > 0;) move(*tasks_[i]);
  return true;
}

// One by one, as `take` may end others of them.
void Reactor::give_done(const Take& take) {
  while (!done_.empty()) {
    ReactorTask& task = *done_.front();
    done_.pop_front();
    ++given_;
    take(task);
  }
}

WakeReason Reactor::run(const Context& context, const Take& take) {
  const bool must_ask = context.cancel != nullptr || context.is_interrupted != nullptr;
  bool was_woken = false;
  given_ = 0;
  give_done(take);
  for (Clock::time_point now = Clock::now(); given_ == 0 && !was_woken;) {
    Clock::time_point until = context.deadline;
    if (must_ask) until = std::min<Clock::time_point>(until, now + kIdleInterval);
    if (!tasks_.empty()) until = std::min(until, next_check_);
    const auto rest = std::chrono::ceil<std::chrono::milliseconds>(until - now).count();
    was_woken = move_ready(until == Clock::time_point::max()
                               ? -1
                               : static_cast<int>(std::clamp<std::int64_t>(rest, 0, kMaxRest)),
                           take);
    now = Clock::now();
    if (now >= next_check_) check_times(now);
    give_done(take);
    if (given_ > 0) break;
    if (const WakeReason seen = look_at(context, now); seen != WakeReason::go_on) return seen;
  }
  return WakeReason::go_on;
}

void Reactor::in_child() {
  ::close(std::exchange(epoll_, -1));
  wakeup_.reset();
}

}  // namespace sessionvitals::engine

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

// Deadlines and waits are checked this often: all of them at once, which is
// cheaper than keeping them in order, and well within the 50 ms that a call may
// overrun.
constexpr std::chrono::milliseconds kCheckInterval{5};
// A reactor without calls asks its context this often, as wait.cpp does.
constexpr std::chrono::milliseconds kIdleInterval{50};

constexpr std::size_t kEventsAtOnce = 256;
constexpr std::int64_t kLongestRest = 60'000;  // milliseconds: a deadline may be a day away

}  // namespace

Reactor::Reactor() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), wakeup_(std::in_place) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = wakeup_->descriptor();
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, wakeup_->descriptor(), &event);
}

Reactor::~Reactor() {
  while (!jobs_.empty()) end(*jobs_.back(), Woken::cancelled);
  if (epoll_ >= 0) ::close(epoll_);
}

void Reactor::start(Job& job) {
  job.place_ = jobs_.size();
  job.is_listed_ = true;
  jobs_.push_back(&job);
  move(job);
}

void Reactor::end(Job& job, Woken why) {
  forget(job);
  std::erase(done_, &job);
  job.call->end(why);
}

void Reactor::move(Job& job) {
  for (std::size_t i = 0; i < job.waiting_.count; ++i) {
    const auto descriptor = static_cast<std::size_t>(job.waiting_.watches[i].descriptor);
    if (descriptor < registrations_.size() && registrations_[descriptor].job == &job) {
      registrations_[descriptor].job = nullptr;
    }
  }
  if (job.call->step(Call::Receive::when_ready, job.waiting_) == Call::Progress::done) {
    job.waiting_.clear();
    forget(job);
    done_.push_back(&job);
  } else {
    watch(job);
  }
}

// A connection stays registered, for edges, from the first wait to its close, so
// that a call on a kept-alive connection costs no further epoll_ctl. Whatever
// else is waited for is registered each time.
void Reactor::watch(Job& job) {
  if (job.waiting_.until == Waiting::kAtOnce) next_check_ = {};
  for (std::size_t i = 0; i < job.waiting_.count; ++i) {
    const Waiting::Watch& wanted = job.waiting_.watches[i];
    if (wanted.descriptor < 0) continue;
    const auto descriptor = static_cast<std::size_t>(wanted.descriptor);
    if (descriptor >= registrations_.size()) registrations_.resize(descriptor + 64);
    Registration& registration = registrations_[descriptor];
    registration.job = &job;
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

void Reactor::forget(Job& job) {
  for (std::size_t i = 0; i < job.waiting_.count; ++i) {
    const auto descriptor = static_cast<std::size_t>(job.waiting_.watches[i].descriptor);
    if (descriptor < registrations_.size() && registrations_[descriptor].job == &job) {
      registrations_[descriptor].job = nullptr;
    }
  }
  if (!job.is_listed_) return;
  job.is_listed_ = false;
  jobs_[job.place_] = jobs_.back();
  jobs_[job.place_]->place_ = job.place_;
  jobs_.pop_back();
}

void Reactor::check_times(Clock::time_point now) {
  next_check_ = now + kCheckInterval;
  for (std::size_t i = jobs_.size(); i-- > 0;) {  // from the end: a done job's place is refilled
    Job& job = *jobs_[i];
    if (now >= job.deadline) {
      job.call->end(Woken::deadline);
      forget(job);
      done_.push_back(&job);
    } else if (now >= job.waiting_.until) {
      move(job);
    }
  }
}

// Waits for that long at most, and then moves all jobs that are ready, however
// many. Returns true if wake() was called.
bool Reactor::move_ready(int timeout_milliseconds) {
  if (epoll_ < 0 || wakeup_->descriptor() < 0) return move_all();
  std::array<epoll_event, kEventsAtOnce> events;
  bool was_woken = false;
  std::size_t rounds = jobs_.size() / kEventsAtOnce + 1;
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
      // A job may have ended, and its descriptor been closed, since epoll_wait returned.
      if (Job* job = registrations_[static_cast<std::size_t>(descriptor)].job) move(*job);
    }
    timeout_milliseconds = 0;
  } while (ready == static_cast<int>(events.size()) && --rounds > 0);
  return was_woken;
}

// What is left to do where no descriptor could be had for epoll.
bool Reactor::move_all() {
  std::this_thread::sleep_for(kCheckInterval);
  for (std::size_t i = jobs_.size(); i-- > 0;) move(*jobs_[i]);
  return true;
}

Woken Reactor::run(const Context& context, std::vector<Job*>& done) {
  const bool must_ask = context.cancel != nullptr || context.is_interrupted != nullptr;
  bool was_woken = false;
  for (Clock::time_point now = Clock::now(); done_.empty() && !was_woken;) {
    Clock::time_point until = context.deadline;
    if (must_ask) until = std::min<Clock::time_point>(until, now + kIdleInterval);
    if (!jobs_.empty()) until = std::min(until, next_check_);
    const auto rest = std::chrono::ceil<std::chrono::milliseconds>(until - now).count();
    was_woken = move_ready(until == Clock::time_point::max()
                               ? -1
                               : static_cast<int>(std::clamp<std::int64_t>(rest, 0, kLongestRest)));
    now = Clock::now();
    if (now >= next_check_) check_times(now);
    if (!done_.empty()) break;
    if (const Woken seen = look_at(context, now); seen != Woken::go_on) return seen;
  }
  done.insert(done.end(), done_.begin(), done_.end());
  done_.clear();
  return Woken::go_on;
}

void Reactor::in_child() {
  ::close(std::exchange(epoll_, -1));
  wakeup_.reset();
}

}  // namespace sessionvitals::engine

#include "sessionvitals/engine/drivers/reactor.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace sessionvitals::engine {
namespace {

// Deadlines and waits are looked at this often: all of them at once, which is
// cheaper than keeping them in order, and well within the 50 ms that a call may
// overrun.
constexpr std::chrono::milliseconds kBetweenChecks{5};
// Ctrl-C is looked for this often, as in wait.cpp.
constexpr std::chrono::milliseconds kBetweenQuestions{50};

}  // namespace

Reactor::Reactor() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = wakeup_.descriptor();
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, wakeup_.descriptor(), &event);
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
  next_check_ = now + kBetweenChecks;
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

Woken Reactor::run(const Context& context, std::vector<Job*>& done) {
  std::array<epoll_event, 256> events;
  Clock::time_point next_question{};
  bool was_woken = false;
  while (done_.empty() && !was_woken) {
    const Clock::time_point now = Clock::now();
    if (now >= next_check_) check_times(now);
    if (!done_.empty()) break;
    if (now >= next_question) {
      next_question = now + kBetweenQuestions;
      if (const Woken seen = look_at(context, now); seen != Woken::go_on) return seen;
    }
    const auto rest = std::chrono::ceil<std::chrono::milliseconds>(
        (jobs_.empty() ? next_question : std::max(next_check_, now)) - now);
    const int ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                                   static_cast<int>(rest.count()));
    for (int i = 0; i < ready; ++i) {
      const int descriptor = events[static_cast<std::size_t>(i)].data.fd;
      if (descriptor == wakeup_.descriptor()) {
        wakeup_.drain();
        was_woken = true;
        continue;
      }
      // A job may have ended, and its descriptor been closed, since epoll spoke.
      if (Job* job = registrations_[static_cast<std::size_t>(descriptor)].job) move(*job);
    }
  }
  done.insert(done.end(), done_.begin(), done_.end());
  done_.clear();
  return Woken::go_on;
}

}  // namespace sessionvitals::engine

#include "sessionvitals/watch/watch_thread.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "sessionvitals/engine/drivers/core_thread.h"

namespace sessionvitals {

namespace {

// A cancel token is looked at this often, as in a bulk.
constexpr std::chrono::milliseconds kTokenInterval{50};

Timestamp wall_now() {
  return std::chrono::time_point_cast<Timestamp::duration>(std::chrono::system_clock::now());
}

}  // namespace

struct Poll::Flight : engine::ReactorTask {
  Poll* poll = nullptr;
  Request request;
  std::shared_ptr<CallReport> report;
  Clock::time_point begun{};
  bool has_landed = false;  // the reactor no longer knows it
};

Poll::Poll(WatchMember& member) : member_(member) {}
Poll::~Poll() = default;

WatchThread::WatchThread(const Client& client)
    : client_(client),
      max_at_once_(
          std::min(client.provider().looks.at_once, client.core().transport->max_connections())),
      random_(std::random_device()()) {}

WatchThread::~WatchThread() { stop(); }

bool WatchThread::is_inherited() const {
  return is_started_ && generation_ != engine::fork_generation();
}

std::optional<Error> WatchThread::join(const std::shared_ptr<WatchMember>& member) {
  const std::lock_guard lock(mutex_);
  if (is_stopping_) {
    return Error(ErrorKind::configuration_error, "The process ends: nothing is watched any more.");
  }
  if (!is_started_) {
    generation_ = engine::fork_generation();
    try {
      thread_ = engine::start_thread([this] { run(); });
    } catch (const std::system_error& problem) {
      return engine::no_thread_for("watch", problem);
    }
    is_started_ = true;
  }
  members_.insert(member);
  if (member->deadline != Clock::time_point::max()) {
    member->deadline_due_.member = member.get();
    deadlines_.plan(member->deadline_due_, member->deadline);
  }
  if (member->cancel) cancellable_.push_back(member.get());
  if (member->permits) paced_.push_back(member.get());
  choose_rate();
  reactor_.wake();
  return std::nullopt;
}

void WatchThread::leave(const std::shared_ptr<WatchMember>& member) {
  std::unique_lock lock(mutex_);
  if (members_.erase(member) == 0) return;
  deadlines_.forget(member->deadline_due_);
  std::erase(cancellable_, member.get());
  std::erase(paced_, member.get());
  choose_rate();
  if (is_stopping_ || is_own_thread()) return;
  // Its calls are cancelled before this returns, and what it is told with is used no more.
  leaving_.push_back(member);
  reactor_.wake();
  has_left_.wait(
      lock, [&] { return is_stopping_ || std::ranges::find(leaving_, member) == leaving_.end(); });
}

void WatchThread::choose_rate() {
  double rate = 0;
  for (const auto& member : members_) {
    if (member->rate > 0 && (rate == 0 || member->rate < rate)) rate = member->rate;
  }
  if (rate > 0) plan_.set_rate(rate, Clock::now());
}

void WatchThread::plan(Poll& poll, Clock::time_point at) {
  if (WatchPermits* const permits = poll.member().permits.get()) {
    permits->plan(poll, at);
  } else {
    plan_.plan(poll, at);
  }
  wake();
}

void WatchThread::forget(Poll& poll) {
  if (WatchPermits* const permits = poll.member().permits.get()) {
    permits->forget(poll);
  } else {
    plan_.forget(poll);
  }
}

void WatchThread::wake() {
  if (std::exchange(is_waiting_, false)) reactor_.wake();
}

void WatchThread::drop(std::unique_ptr<Poll> poll) {
  forget(*poll);
  if (!poll->flight_) return;
  poll->is_dropped_ = true;
  dropped_.push_back(std::move(poll));
  reactor_.wake();
}

void WatchThread::tell(WatchMember& member) {
  if (std::exchange(member.has_news_, true)) return;
  news_.push_back(member.weak_from_this());
  wake();
}

Clock::duration WatchThread::lag() const {
  const Clock::time_point now = Clock::now();
  Clock::duration lag = plan_.lag(now);
  for (const WatchMember* member : paced_) lag = std::max(lag, member->permits->lag(now));
  return lag;
}

void WatchThread::stop() {
  if (is_inherited()) return;
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    for (const auto& member : members_) member->stop();
  }
  reactor_.wake();
  const std::lock_guard lock(join_mutex_);
  if (thread_.joinable()) thread_.join();
}

void WatchThread::run() {
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    end_members(Clock::now());
    bury();
    start_due();
    announce_needs();
    tell_members(lock);
    if (is_stopping_ || !dropped_.empty() || !leaving_.empty()) continue;
    const Context context{.deadline = next_turn(Clock::now())};
    is_waiting_ = true;
    lock.unlock();
    reactor_.run(context, [this](engine::ReactorTask& task) { done_.push_back(&task); });
    lock.lock();
    is_waiting_ = false;
    for (engine::ReactorTask* task : done_) {
      static_cast<Poll::Flight&>(*task).has_landed = !task->has_piece();
    }
    for (engine::ReactorTask* task : done_) {
      auto& flight = static_cast<Poll::Flight&>(*task);
      if (flight.has_landed) {
        conclude(flight, lock);
      } else {
        hear(flight);
      }
    }
    done_.clear();
  }
  for (const auto& member : members_) {
    member->stop();
    tell(*member);
  }
  bury();
  tell_members(lock);
}

// Ends the calls of polls that are not wanted any more, and those polls; then those who leave
// may go.
void WatchThread::bury() {
  for (const auto& poll : std::exchange(dropped_, {})) {
    if (!poll->flight_) continue;
    if (!poll->flight_->has_landed) reactor_.end(*poll->flight_, engine::WakeReason::cancelled);
    poll->flight_->call.reset();
    if (!poll->silence()) --on_their_way_;
  }
  if (leaving_.empty()) return;
  leaving_.clear();
  has_left_.notify_all();
}

void WatchThread::end_members(Clock::time_point now) {
  while (deadlines_.first() != nullptr && deadlines_.first()->at <= now) {
    auto& due = static_cast<WatchMember::DeadlineDue&>(*deadlines_.first());
    deadlines_.forget(due);
    due.member->expire();
  }
  std::erase_if(cancellable_, [](WatchMember* member) {
    if (!member->cancel->is_cancelled()) return false;
    member->end_cancelled();
    return true;
  });
}

void WatchThread::start_due() {
  while (on_their_way_ < max_at_once_) {
    const Clock::time_point now = Clock::now();
    Due* const due = take_due(now);
    if (due == nullptr) return;
    start(static_cast<Poll&>(*due), now);
  }
}

Due* WatchThread::take_due(Clock::time_point now) {
  const Clock::time_point opens = client_.core().transport->opens();
  if (Due* const due = plan_.take(now, opens)) return due;
  for (WatchMember* member : paced_) {
    if (Due* const due = member->permits->take(now, opens)) return due;
  }
  return nullptr;
}

void WatchThread::announce_needs() {
  if (paced_.empty()) return;
  const Clock::time_point now = Clock::now();
  const Clock::time_point opens = client_.core().transport->opens();
  for (WatchMember* member : paced_) member->permits->announce(now, opens);
}

void WatchThread::start(Poll& poll, Clock::time_point now) {
  auto request = poll.build();
  if (!request) {
    const LookTime look{.begun = now, .ended = now, .wall = wall_now(), .chance = chance()};
    return poll.conclude({std::move(request).error(), nullptr}, look);
  }
  if (spare_.empty()) spare_.push_back(std::make_unique<Poll::Flight>());
  poll.flight_ = std::move(spare_.back());
  spare_.pop_back();
  Poll::Flight& flight = *poll.flight_;
  flight.poll = &poll;
  flight.has_landed = false;
  flight.request = *std::move(request);
  flight.report = std::make_shared<CallReport>();
  flight.begun = now;
  const CallPlan& plan = poll.call_plan();
  flight.deadline = std::min(now + plan.timeout, poll.member().deadline);
  flight.call =
      client_.core().transport->begin(flight.request, plan.policy, flight.deadline, *flight.report);
  if (poll.silence()) {
    flight.call->stream_body();
  } else {
    ++on_their_way_;
  }
  reactor_.start(flight);
}

void WatchThread::hear(Poll::Flight& flight) {
  Poll& poll = *flight.poll;
  if (poll.is_dropped_) return;  // bury() has it
  const Clock::time_point now = Clock::now();
  auto refused = poll.hear(*flight.call, now);
  if (refused) flight.call->refuse(*std::move(refused));
  flight.deadline = now + *poll.silence();
  reactor_.go_on(flight);
}

void WatchThread::conclude(Poll::Flight& flight, std::unique_lock<std::mutex>& lock) {
  Poll& poll = *flight.poll;
  if (poll.is_dropped_) return;  // bury() has it
  Exchange exchange =
      receive(client_.core(), poll.traits(), flight.call->take(), std::move(flight.report));
  flight.call.reset();  // its connection is free for others
  const LookTime look{
      .begun = flight.begun, .ended = Clock::now(), .wall = wall_now(), .chance = chance()};
  if (poll.is_large()) {
    lock.unlock();
    poll.read(std::move(exchange));
    lock.lock();
    if (poll.is_dropped_) return;
  }
  spare_.push_back(std::move(poll.flight_));
  if (!poll.silence()) --on_their_way_;
  poll.conclude(std::move(exchange), look);
}

void WatchThread::tell_members(std::unique_lock<std::mutex>& lock) {
  if (news_.empty()) return;
  std::vector<std::shared_ptr<WatchMember>> told;
  for (const auto& news : std::exchange(news_, {})) {
    auto member = news.lock();
    if (!member) continue;
    member->has_news_ = false;
    told.push_back(std::move(member));
  }
  lock.unlock();
  for (const auto& member : told) member->tell();
  told.clear();
  lock.lock();
}

Clock::time_point WatchThread::next_turn(Clock::time_point now) const {
  Clock::time_point next = Clock::time_point::max();
  if (on_their_way_ < max_at_once_) {
    const Clock::time_point opens = client_.core().transport->opens();
    next = plan_.next(now, opens);
    for (const WatchMember* member : paced_) {
      next = std::min(next, member->permits->next(now, opens));
    }
  }
  if (const Due* deadline = deadlines_.first()) next = std::min(next, deadline->at);
  if (!cancellable_.empty()) next = std::min(next, now + kTokenInterval);
  return next;
}

double WatchThread::chance() { return std::uniform_real_distribution<double>(0.0, 1.0)(random_); }

}  // namespace sessionvitals

#include "sessionvitals/engine/net/pool.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <span>
#include <utility>

namespace sessionvitals::engine {
namespace {

std::atomic<std::size_t> idle_in_process{0};

/// What makes two transports share a pool.
std::string key_of(const Route& route) {
  const TransportOptions& options = route.options;
  std::string key = origin_of(route.url);
  const auto add = [&key](const std::string& text) { key += '\n' + text; };
  add(options.ca_file);
  add(options.client_certificate_file);
  add(options.client_key_file);
  add(options.trust_env ? "trusts the environment" : "");
  add(std::to_string(options.max_connections));
  add(std::to_string(options.max_idle.count()));
  add(route.proxy ? route.proxy->host + ":" + std::to_string(route.proxy->port) : "");
  add(route.proxy ? route.proxy->authorization : "");
  return key;
}

struct Registry {
  ForkSafeMutex mutex;
  std::map<std::string, std::weak_ptr<Pool>> pools;
};

// Never destroyed: calls may still end while the process does.
Registry& registry() {
  static auto* made = new Registry;
  return *made;
}
[[maybe_unused]] const Registry& made_when_loaded = registry();  // see fork.h

}  // namespace

std::shared_ptr<Pool> Pool::find_or_make(const Route& route) {
  const std::string key = key_of(route);
  // Made before the lock is taken, as fork.h asks; dropped again if not needed.
  std::shared_ptr<Pool> found;
  {
    const std::lock_guard lock(registry().mutex);
    if (const auto entry = registry().pools.find(key); entry != registry().pools.end()) {
      found = entry->second.lock();
    }
  }
  if (found) return found;
  auto fresh = std::make_shared<Pool>(route);
  const std::lock_guard lock(registry().mutex);
  std::weak_ptr<Pool>& entry = registry().pools[key];
  found = entry.lock();
  if (found) return found;
  std::erase_if(registry().pools, [&](const auto& other) {
    return &other.second != &entry && other.second.expired();
  });
  entry = fresh;
  return fresh;
}

std::vector<PoolStatistics> Pool::all_statistics() {
  std::vector<std::shared_ptr<Pool>> pools;
  {
    const std::lock_guard lock(registry().mutex);
    for (const auto& [key, entry] : registry().pools) {
      if (auto pool = entry.lock()) pools.push_back(std::move(pool));
    }
  }
  std::vector<PoolStatistics> result;
  for (const auto& pool : pools) result.push_back(pool->statistics());
  return result;
}

Pool::Pool(Route route) : route_(std::move(route)) {}

Pool::~Pool() { close_idle(); }

PoolStatistics Pool::statistics() const {
  PoolStatistics result;
  result.origin = origin_of(route_.url);
  const std::lock_guard lock(mutex_);
  result.idle = idle_.size();
  result.leased = leased_;
  result.waiting = queue_.size();
  result.opened = opened_;
  result.reused = reused_;
  result.stale = stale_;
  return result;
}

void Pool::close_idle() {
  std::vector<std::unique_ptr<Connection>> closed;  // without the lock
  {
    const std::lock_guard lock(mutex_);
    closed.swap(idle_);
  }
  idle_in_process -= closed.size();
}

void Pool::in_child() {
  const std::lock_guard lock(mutex_);
  // The leases are those of threads that are gone; end() ignores them.
  idle_in_process -= idle_.size();
  idle_.clear();
  queue_.clear();
  leased_ = 0;
}

bool Pool::acquire(Lease& lease) {
  const std::lock_guard lock(mutex_);
  if (lease.state_ == Lease::State::queued) return false;
  if (lease.state_ == Lease::State::granted) return true;
  // Nobody overtakes: who comes while others queue goes to the end of it. Idle
  // connections stand in nobody's way, since a lease may take or replace one.
  if (queue_.empty() && leased_ < max_connections()) {
    ++leased_;
    lease.state_ = Lease::State::granted;
    return true;
  }
  if (!lease.wakeup_) return false;  // made without the lock, by Lease::acquire
  queue_.push_back(&lease);
  lease.state_ = Lease::State::queued;
  return false;
}

void Pool::grant_next() {
  if (queue_.empty() || leased_ >= max_connections()) return;
  Lease* next = queue_.front();
  queue_.pop_front();
  ++leased_;
  next->state_ = Lease::State::granted;
  next->wakeup_->signal();
}

void Pool::end(Lease& lease, std::unique_ptr<Connection> connection) {
  std::unique_ptr<Connection> closed;  // without the lock
  const std::lock_guard lock(mutex_);
  const Lease::State was = lease.state_.exchange(Lease::State::none);
  if (lease.generation_ != fork_generation()) return;
  if (was == Lease::State::queued) std::erase(queue_, &lease);
  if (was != Lease::State::granted) return;
  --leased_;
  if (connection) {
    // Keeping it opens none, and a lease opens one only where none is idle: so that
    // no more than max_connections are ever open, also while who is next has yet to take one.
    const bool has_room = idle_.size() < max_connections() && idle_in_process < kMaxIdle;
    if (has_room && connection->idle_since >= quarantined_until_) {
      ++idle_in_process;
      idle_.push_back(std::move(connection));
    }
  }
  closed = std::move(connection);
  grant_next();
}

std::unique_ptr<Connection> Pool::pop_idle(Clock::time_point now, Clock::duration max_idle) {
  std::vector<std::unique_ptr<Connection>> closed;  // without the lock
  std::unique_ptr<Connection> popped;
  const std::lock_guard lock(mutex_);
  std::size_t too_old = 0;
  while (too_old < idle_.size() && now - idle_[too_old]->idle_since > route_.options.max_idle) {
    closed.push_back(std::move(idle_[too_old++]));
  }
  idle_.erase(idle_.begin(), idle_.begin() + static_cast<std::ptrdiff_t>(too_old));
  stale_ += too_old;
  idle_in_process -= too_old;
  if (!idle_.empty() && now - idle_.back()->idle_since < max_idle) {
    popped = std::move(idle_.back());
    idle_.pop_back();
    --idle_in_process;
    ++reused_;
  } else if (!idle_.empty() && leased_ + idle_.size() > max_connections()) {
    closed.push_back(std::move(idle_.front()));  // the lease is to open one in its place
    idle_.erase(idle_.begin());
    --idle_in_process;
  }
  return popped;
}

Pool::Look::Look(Pool& pool, std::size_t calls) : pool_(pool) {
  const std::lock_guard lock(pool_.mutex_);
  const std::size_t count = std::min({calls, kMost, pool_.idle_.size()});
  if (count < 2) return;  // a call's own look costs the same
  const auto next = std::span(pool_.idle_).last(count);
  std::array<pollfd, kMost> asked{};
  for (std::size_t i = 0; i < count; ++i) {
    asked[i] = {.fd = next[i]->descriptor(), .events = POLLIN, .revents = 0};
  }
  if (::poll(asked.data(), count, 0) < 0) return;
  for (std::size_t i = 0; i < count; ++i) {
    next[i]->is_seen_quiet = asked[i].revents == 0 && !next[i]->has_unread();
  }
}

Pool::Look::~Look() {
  const std::lock_guard lock(pool_.mutex_);
  for (const auto& connection : pool_.idle_) connection->is_seen_quiet = false;
}

Lease::Lease(std::shared_ptr<Pool> pool) : pool_(std::move(pool)), generation_(fork_generation()) {}

Lease::~Lease() { release(); }

bool Lease::acquire() {
  if (pool_->acquire(*this)) return true;
  if (!wakeup_) {
    wakeup_ = std::make_unique<Wakeup>();
    return pool_->acquire(*this);
  }
  return false;
}

int Lease::descriptor() const { return wakeup_ ? wakeup_->descriptor() : -1; }

std::unique_ptr<Connection> Lease::take_idle(Clock::time_point now, Clock::duration max_idle) {
  for (;;) {
    std::unique_ptr<Connection> connection = pool_->pop_idle(now, max_idle);
    if (!connection || std::exchange(connection->is_seen_quiet, false)) return connection;
    const Connection::Idle seen = connection->check_idle();
    if (seen == Connection::Idle::reusable) return connection;
    if (seen == Connection::Idle::speaks) record_unsolicited(now);
    const std::lock_guard lock(pool_->mutex_);
    ++pool_->stale_;
    --pool_->reused_;
  }
}

void Lease::record_unsolicited(Clock::time_point now) {
  {
    const std::lock_guard lock(pool_->mutex_);
    pool_->quarantined_until_ = now + kQuarantine;
  }
  pool_->close_idle();
}

void Lease::note_opened() {
  const std::lock_guard lock(pool_->mutex_);
  ++pool_->opened_;
}

void Lease::give_back(std::unique_ptr<Connection> connection, Clock::time_point now) {
  connection->idle_since = now;
  pool_->end(*this, std::move(connection));
}

void Lease::release() {
  if (state_ != State::none) pool_->end(*this, nullptr);
}

}  // namespace sessionvitals::engine

#include "wire/loop.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "wire/listener.h"

namespace mock {

namespace {

// A connection with nothing under way is closed after this; longer than any client's pool keeps
// one, so that it is seldom the mock that closes first.
constexpr std::int64_t kMaxIdleTime = 120000;
// The head of a request must be whole by then: a client that drips it holds memory.
constexpr std::int64_t kMaxHeadTime = 60000;
constexpr std::int64_t kSweepInterval = 1000;

// How long no client is accepted when there is no place for one, and how long a connection must
// have been idle to lose its place.
constexpr std::int64_t kPause = 20;

// The end of a client's input is an arrival of its own.
constexpr std::uint32_t kArrivals = EPOLLIN | EPOLLRDHUP;

bool is_readable(int descriptor) {
  pollfd asked{.fd = descriptor, .events = POLLIN, .revents = 0};
  return ::poll(&asked, 1, 0) > 0;
}

int signal_descriptor() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  // Also when its terminal is closed it writes what it has recorded; but not under nohup.
  struct sigaction hang_up {};
  sigaction(SIGHUP, nullptr, &hang_up);
  if (hang_up.sa_handler != SIG_IGN) sigaddset(&signals, SIGHUP);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  return signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

int open_spare() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

// What to tell of a connection. Each arrival once, in the order in which they came: a descriptor
// that is told of as long as it is readable goes to the front again when it was served, and its
// client's next request overtakes others. Not under TLS, which leaves in the socket what it does
// not ask for.
std::uint32_t events_of(const Connection& connection) {
  std::uint32_t events = connection.is_encrypted() ? 0U : static_cast<std::uint32_t>(EPOLLET);
  if (connection.wants_to_read()) events |= connection.is_encrypted() ? EPOLLIN : kArrivals;
  if (connection.wants_to_write()) events |= EPOLLOUT;
  return events;
}

void change(int epoll, int operation, int descriptor, std::uint32_t events) {
  epoll_event event{.events = events, .data = {.fd = descriptor}};
  epoll_ctl(epoll, operation, descriptor, &event);
}

}  // namespace

Loop::Loop(int listener, TlsServer* tls, Application& application, std::size_t max_connections)
    : epoll_(epoll_create1(EPOLL_CLOEXEC)),
      listener_(listener),
      signals_(signal_descriptor()),
      tls_(tls),
      application_(application),
      max_connections_(max_connections),
      spare_(open_spare()) {
  change(epoll_, EPOLL_CTL_ADD, listener_, EPOLLIN);
  watch(signals_, [] { return true; });
}

Loop::~Loop() {
  connections_.clear();
  for (const int descriptor : {epoll_, listener_, signals_, spare_}) {
    if (descriptor >= 0) ::close(descriptor);
  }
}

void Loop::watch(int descriptor, std::function<bool()> on_readable) {
  watched_[descriptor] = std::move(on_readable);
  change(epoll_, EPOLL_CTL_ADD, descriptor, EPOLLIN);
}

void Loop::run() {
  std::array<epoll_event, 256> events;
  for (;;) {
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                                 wait_for(monotonic_now()));
    const std::int64_t now = monotonic_now();
    bool clients_wait = false;
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      const int descriptor = event.data.fd;
      if (descriptor == listener_) {
        clients_wait = true;
        continue;
      }
      const auto found = connections_.find(descriptor);
      if (found == connections_.end()) {
        const auto watched = watched_.find(descriptor);
        if (watched != watched_.end() && watched->second()) return;
        continue;
      }
      Connection& connection = *found->second.connection;
      if (event.events & (EPOLLIN | EPOLLRDHUP)) {
        connection.on_readable(now, (event.events & EPOLLRDHUP) != 0);
      }
      if (!connection.is_done() && (event.events & EPOLLOUT)) connection.on_writable(now);
      if (event.events & (EPOLLERR | EPOLLHUP)) connection.on_hang_up();
      after_event(descriptor);
    }
    // After the others: a new client's descriptor may be one that just closed, and an event of
    // the old one must not reach it.
    if (clients_wait) accept_clients(now);
    fire_timers(now);
    tell_change(now);
    if (now >= next_sweep_) sweep(now);
    if (accept_again_ != 0 && now >= accept_again_) go_on_accepting();
  }
}

void Loop::accept_clients(std::int64_t now) {
  for (;;) {
    const int socket = accept_with_room(now);
    if (socket < 0) return;
    Entry& entry = connections_[socket];
    entry.connection = std::make_unique<Connection>(
        socket, tls_ != nullptr ? tls_->accept(socket) : nullptr, application_, now);
    entry.events = events_of(*entry.connection);
    entry.due = 0;
    change(epoll_, EPOLL_CTL_ADD, socket, entry.events);
    application_.note_connections(connections_.size());
    if (auto plan = application_.on_accept()) {
      entry.connection->on_accept(std::move(*plan), now);
      after_event(socket);
    }
  }
}

// The next client; below 0 when there is none, or no place for one.
int Loop::accept_with_room(std::int64_t now) {
  // Asked first: without a descriptor left, accept() fails also when nobody waits.
  while (is_readable(listener_)) {
    if (connections_.size() < max_connections_) {
      const int socket = accept_from(listener_);
      if (socket >= 0) return socket;
      if (errno == EAGAIN || errno == EWOULDBLOCK) return -1;
      if (errno == ECONNABORTED || errno == EINTR) continue;
      // No descriptor or no memory: the client would be reported again at once.
    }
    if (make_room(now)) continue;
    if (spare_ < 0 || connections_.size() >= max_connections_) {
      pause_accepting(now);
      return -1;
    }
    ::close(std::exchange(spare_, -1));
  }
  return -1;
}

void Loop::pause_accepting(std::int64_t now) {
  accept_again_ = now + kPause;
  change(epoll_, EPOLL_CTL_MOD, listener_, 0);
}

void Loop::go_on_accepting() {
  if (spare_ < 0) spare_ = open_spare();
  accept_again_ = 0;
  change(epoll_, EPOLL_CTL_MOD, listener_, EPOLLIN);
}

// Closes the connection that has been idle longest; false when none has been for some time.
bool Loop::make_room(std::int64_t now) {
  int longest = -1;
  // One that was just accepted has had no chance to send its request.
  std::int64_t since = now - kPause + 1;
  for (const auto& [socket, entry] : connections_) {
    if (!entry.connection->is_idle() || entry.connection->last_active() >= since) continue;
    longest = socket;
    since = entry.connection->last_active();
  }
  if (longest >= 0) remove(longest);
  return longest >= 0;
}

// Brings epoll, the timers and the waiting list in line with what the connection now wants.
void Loop::after_event(int socket) {
  Entry& entry = connections_[socket];
  const Connection& connection = *entry.connection;
  if (connection.is_done()) {
    remove(socket);
    return;
  }
  const std::uint32_t events = events_of(connection);
  // Also asked for anew, it tells of what was left, behind the others.
  if (events != entry.events || connection.may_have_more()) {
    entry.events = events;
    change(epoll_, EPOLL_CTL_MOD, socket, events);
  }
  const std::int64_t due = connection.due().value_or(0);
  if (due != entry.due) {
    if (entry.due != 0) timers_.erase({entry.due, socket});
    if (due != 0) timers_.insert({due, socket});
    entry.due = due;
  }
  if (connection.waits_for_change()) waiting_.insert(socket);
}

void Loop::remove(int socket) {
  const auto found = connections_.find(socket);
  if (found->second.due != 0) timers_.erase({found->second.due, socket});
  waiting_.erase(socket);
  connections_.erase(found);  // closes it, which also takes it out of epoll
  application_.note_connections(connections_.size());
  if (spare_ < 0) spare_ = open_spare();
}

void Loop::fire_timers(std::int64_t now) {
  while (!timers_.empty() && timers_.begin()->first <= now) {
    const int socket = timers_.begin()->second;
    timers_.erase(timers_.begin());
    Entry& entry = connections_[socket];
    entry.due = 0;
    entry.connection->on_timer(now);
    after_event(socket);
  }
}

void Loop::tell_change(std::int64_t now) {
  if (!application_.changed() || waiting_.empty()) return;
  const std::set<int> waiting = std::exchange(waiting_, {});
  for (const int socket : waiting) {
    connections_[socket].connection->on_change(now);
    after_event(socket);
  }
}

void Loop::sweep(std::int64_t now) {
  next_sweep_ = now + kSweepInterval;
  std::vector<int> old;
  for (const auto& [socket, entry] : connections_) {
    const Connection& connection = *entry.connection;
    const std::int64_t quiet = now - connection.last_active();
    if (quiet > kMaxIdleTime && connection.is_idle()) old.push_back(socket);
    if (connection.is_reading_since(now - kMaxHeadTime)) old.push_back(socket);
  }
  for (const int socket : old) {
    if (connections_.contains(socket)) remove(socket);
  }
}

int Loop::wait_for(std::int64_t now) const {
  if (connections_.empty() && accept_again_ == 0) return -1;
  std::int64_t until = now + kSweepInterval;
  if (!timers_.empty()) until = std::min(until, timers_.begin()->first);
  if (accept_again_ != 0) until = std::min(until, accept_again_);
  return static_cast<int>(std::max<std::int64_t>(0, until - now));
}

}  // namespace mock

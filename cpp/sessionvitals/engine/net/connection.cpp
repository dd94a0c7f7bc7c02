#include "sessionvitals/engine/net/connection.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <string_view>
#include <system_error>

#include "sessionvitals/engine/fork.h"

namespace sessionvitals::engine {
namespace {

std::uint64_t next_serial() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace

Connection::Connection(int descriptor, std::string address)
    : descriptor_(descriptor),
      serial_(next_serial()),
      generation_(fork_generation()),
      address_(std::move(address)) {
  // One blocking receive instead of a poll and a receive saves a system call
  // on every exchange; this bounds it, so that Ctrl-C and a cancel are seen.
  timeval timeout{};
  timeout.tv_usec = std::chrono::microseconds(kBlock).count();
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
}

Connection::~Connection() {
  if (generation_ != fork_generation()) return;
  if (tls_) tls_->send_close_notify();
  close_socket(descriptor_);
}

Io Connection::from_errno() {
  errno_ = errno;
  return Io::failed;
}

Io Connection::send(const char* bytes, std::size_t size, std::size_t& moved) {
  moved = 0;
  if (tls_) return tls_->write(bytes, size, moved);
  for (;;) {
    const ssize_t sent = ::send(descriptor_, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      moved = static_cast<std::size_t>(sent);
      return Io::done;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return Io::wants_write;
    if (errno != EINTR) return from_errno();
  }
}

Io Connection::receive(char* bytes, std::size_t size, std::size_t& moved, bool may_block) {
  moved = 0;
  if (tls_) return tls_->read(bytes, size, moved, may_block);
  const ssize_t received = ::recv(descriptor_, bytes, size, may_block ? 0 : MSG_DONTWAIT);
  if (received > 0) {
    moved = static_cast<std::size_t>(received);
    return Io::done;
  }
  if (received == 0) return Io::closed;
  // EINTR is a reason to look up: the signal may be Ctrl-C.
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return Io::wants_read;
  return from_errno();
}

void Connection::keep_alive() const {
  const int on = 1;
  ::setsockopt(descriptor_, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

Connection::Idle Connection::check_idle() {
  if (generation_ != fork_generation()) return Idle::ended;
  std::array<char, std::string_view("HTTP/1.1 408").size()> bytes{};
  const ssize_t waiting = ::recv(descriptor_, bytes.data(), bytes.size(), MSG_PEEK | MSG_DONTWAIT);
  if (waiting < 0 && errno != EAGAIN && errno != EWOULDBLOCK) return Idle::ended;
  if (waiting < 0 && !has_unread()) return Idle::reusable;
  if (waiting == 0 && !has_unread()) return Idle::ended;
  auto count = static_cast<std::size_t>(std::max<ssize_t>(waiting, 0));
  if (tls_) {  // the bytes may be a session ticket, or the end
    const Io io = tls_->peek(bytes.data(), bytes.size(), count);
    // What there is of a record that is not whole may become an answer later.
    if (io == Io::wants_read && !has_unread()) return Idle::reusable;
    if (io == Io::wants_read) return Idle::speaks;
    if (io != Io::done) return Idle::ended;
  }
  const std::string_view said(bytes.data(), count);
  const bool is_goodbye =
      count == bytes.size() && said.starts_with("HTTP/1.") && said.substr(8) == " 408";
  return is_goodbye ? Idle::ended : Idle::speaks;
}

std::string Connection::error() const {
  if (tls_ && !tls_->error().empty()) return tls_->error();
  return std::system_category().message(errno_);
}

}  // namespace sessionvitals::engine

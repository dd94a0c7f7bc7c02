#include "peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace stress {
namespace {

using std::chrono::milliseconds;

std::string answer_of(int http_status, const std::string& headers, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(http_status) + " Said\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

bool send_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void reset_on_close(int descriptor) {
  const linger now{1, 0};
  ::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

/// The n-th part of a target between slashes, from 1.
std::string segment(const std::string& target, int n) {
  std::size_t at = 0;
  for (int i = 0; i < n; ++i) {
    at = target.find('/', at);
    if (at == std::string::npos) return {};
    ++at;
  }
  return target.substr(at, target.find('/', at) - at);
}

/// Receives a body, part of which may be in the buffer already. Returns whether it
/// was as long as was to come, by the head too, and of nothing but 'x'.
bool receive_body(int descriptor, const std::string& head, const std::string& length,
                  std::string& buffer) {
  if (head.find("\r\nContent-Length: " + length + "\r\n") == std::string::npos) return false;
  const std::size_t size = std::stoul(length);
  std::array<char, 65536> bytes;
  while (buffer.size() < size) {
    const ssize_t received = ::recv(descriptor, bytes.data(), bytes.size(), 0);
    if (received <= 0) return false;
    buffer.append(bytes.data(), static_cast<std::size_t>(received));
  }
  const bool is_right = buffer.find_first_not_of('x') == std::string::npos && buffer.size() == size;
  buffer.clear();
  return is_right;
}

}  // namespace

int listen_on_loopback(int backlog, int& port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const int small = 8192;  // so that a peer that does not read is soon felt
  ::setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener, backlog) != 0 ||
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::perror("listen");
    std::exit(2);
  }
  port = ntohs(address.sin_port);
  return listener;
}

Peer::Peer() : listener_(listen_on_loopback(1024, port_)) {
  acceptor_ = std::thread([this] { accept_all(); });
}

Peer::~Peer() {
  is_over_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int descriptor : open_) ::shutdown(descriptor, SHUT_RDWR);
  }
  for (std::thread& conversation : conversations_) conversation.join();
  ::close(listener_);
}

std::string Peer::url(const std::string& prefix) const {
  return "http://127.0.0.1:" + std::to_string(port_) + prefix;
}

int Peer::seen(const std::string& target) {
  const std::lock_guard lock(mutex_);
  return seen_[target];
}

std::vector<std::string> Peer::order() {
  const std::lock_guard lock(mutex_);
  return order_;
}

void Peer::accept_all() {
  while (!is_over_) {
    const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor < 0) continue;
    const int yes = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    const std::lock_guard lock(mutex_);
    if (is_over_) {
      ::close(descriptor);
      continue;
    }
    open_.insert(descriptor);
    conversations_.emplace_back([this, descriptor] { converse(descriptor); });
  }
}

void Peer::converse(int descriptor) {
  std::string buffer;
  std::array<char, 8192> bytes;
  bool closes_on_next = false;
  while (!is_over_) {
    const std::size_t end = buffer.find("\r\n\r\n");
    if (end == std::string::npos) {
      const ssize_t received = ::recv(descriptor, bytes.data(), bytes.size(), 0);
      if (received <= 0) break;
      buffer.append(bytes.data(), static_cast<std::size_t>(received));
      // A peer that reads no further, for a request that is stuck in sending.
      if (buffer.find("/mute/") != std::string::npos) {
        wait_for_end(descriptor);
        break;
      }
      continue;
    }
    const std::size_t space = buffer.find(' ');
    const std::string target = buffer.substr(space + 1, buffer.find(' ', space + 1) - space - 1);
    if (segment(target, 2) == "body") {
      const std::string head = buffer.substr(0, end + 4);
      buffer.erase(0, end + 4);
      const bool is_right = receive_body(descriptor, head, segment(target, 3), buffer);
      if (!send_all(descriptor, answer_of(is_right ? 200 : 400, "", ""))) break;
      continue;
    }
    buffer.erase(0, end + 4);
    {
      const std::lock_guard lock(mutex_);
      ++seen_[target];
      order_.push_back(target);
    }
    if (closes_on_next || !answer(descriptor, target)) break;
    closes_on_next = segment(target, 2) == "close-on-next";
  }
  const std::lock_guard lock(mutex_);
  open_.erase(descriptor);
  ::close(descriptor);
}

void Peer::wait_for_end(int descriptor) const {
  // The client's close, or the test's end, which shuts the socket down.
  pollfd polled{descriptor, POLLRDHUP, 0};
  while (!is_over_ && (::poll(&polled, 1, 100) == 0)) {
  }
}

/// Returns whether the connection stays open for another request.
bool Peer::answer(int descriptor, const std::string& target) {
  const std::string kind = segment(target, 2);
  const std::string token = segment(target, 3);
  if (kind == "ok") return send_all(descriptor, answer_of(200, "", token));
  if (kind == "stall-head") {
    wait_for_end(descriptor);
    return false;
  }
  if (kind == "stall-body") {
    send_all(descriptor, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789");
    wait_for_end(descriptor);
    return false;
  }
  if (kind == "drip") {
    const std::string said = answer_of(200, "", std::string(100'000, 'x'));
    for (const char byte : said) {
      if (is_over_ || !send_all(descriptor, {&byte, 1})) return false;
      std::this_thread::sleep_for(milliseconds(5));  // the fault itself, not a wait for anything
    }
    return false;
  }
  if (kind == "reset") {
    reset_on_close(descriptor);
    return false;
  }
  if (kind == "cut") {
    send_all(descriptor, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789");
    return false;
  }
  if (kind == "garbage") {
    send_all(descriptor, "SSH-2.0-OpenSSH_9.2\r\n");
    return false;
  }
  if (kind == "close-after") {  // the kept-alive connection that is none
    send_all(descriptor, answer_of(200, "", token));
    return false;
  }
  if (kind == "late") {  // a second answer that nobody asked for
    send_all(descriptor, answer_of(200, "", token) + answer_of(200, "", "late"));
    return true;
  }
  if (kind.starts_with("503-then-ok") && seen(target) <= 2) {
    return send_all(descriptor, answer_of(503, "Retry-After: 0\r\n", ""));
  }
  if (kind == "503") return send_all(descriptor, answer_of(503, "Retry-After: 0\r\n", ""));
  if (kind == "503-long") return send_all(descriptor, answer_of(503, "Retry-After: 30\r\n", ""));
  if (kind == "429-long") return send_all(descriptor, answer_of(429, "Retry-After: 30\r\n", ""));
  return send_all(descriptor, answer_of(200, "", token));
}

BlackHole::BlackHole() : listener_(listen_on_loopback(0, port_)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port_));
  for (int i = 0; i < 8; ++i) {
    const int filler = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    [[maybe_unused]] const int pending =
        ::connect(filler, reinterpret_cast<sockaddr*>(&address), sizeof address);
    fillers_.push_back(filler);
  }
}

BlackHole::~BlackHole() {
  for (const int filler : fillers_) ::close(filler);
  ::close(listener_);
}

}  // namespace stress

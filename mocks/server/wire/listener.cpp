#include "wire/listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace mock {

namespace {

// As many as the kernel allows; a burst of 600 clients is not to meet a full queue.
constexpr int kBacklog = 4096;

Listener failed(int socket, const std::string& what) {
  const int error = errno;
  if (socket >= 0) ::close(socket);
  return {.socket = -1,
          .port = 0,
          .problem = what + ": " + std::strerror(error),
          .taken = error == EADDRINUSE};
}

std::uint16_t port_of(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  const bool six = address.ss_family == AF_INET6;
  return ntohs(six ? reinterpret_cast<sockaddr_in6*>(&address)->sin6_port
                   : reinterpret_cast<sockaddr_in*>(&address)->sin_port);
}

}  // namespace

Listener listen_on(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* address = nullptr;
  const std::string numeric = host == "localhost" ? "127.0.0.1" : host;
  const int unread = ::getaddrinfo(numeric.c_str(), std::to_string(port).c_str(), &hints, &address);
  if (unread != 0) {
    return {.socket = -1, .port = 0, .problem = "--host " + host + ": " + gai_strerror(unread)};
  }
  const int socket =
      ::socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  const int on = 1;
  Listener listener;
  if (socket < 0 || ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(socket, address->ai_addr, address->ai_addrlen) != 0 ||
      ::listen(socket, kBacklog) != 0) {
    listener = failed(socket, "cannot listen on " + host + " port " + std::to_string(port));
  } else {
    listener.socket = socket;
    listener.port = port_of(socket);
  }
  ::freeaddrinfo(address);
  return listener;
}

int accept_from(int listener) {
  const int socket = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (socket >= 0) {
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  return socket;
}

}  // namespace mock

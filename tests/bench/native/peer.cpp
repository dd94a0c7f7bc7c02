// bench_peer [--delay MILLISECONDS] [--tls CERTIFICATE KEY] [--events SESSIONS SECONDS]
//
// Answers every request with the same Ping status, and does nothing else: a
// server that is never what is measured. One thread and one epoll loop; a delay
// costs no CPU, because equal delays end in the order they began. With TLS it
// has a thread a connection. With events it also has a stream of them: a
// heartbeat of each session in that time, spread evenly. Prints its port, and
// ends with its standard input.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <string>
#include <string_view>
#include <thread>

namespace {

using Clock = std::chrono::steady_clock;

// As of the start: a client would rightly warn of a clock that is far off.
std::string date_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 40> text{};
  return {text.data(),
          std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

const std::string kAnswer =
    "HTTP/1.1 200 OK\r\nDate: " + date_now() +
    "\r\n"
    "Content-Type: application/json\r\nContent-Length: 120\r\nConnection: keep-alive\r\n\r\n"
    "{\"client_id\":\"client-4711\",\"status\":\"connected\",\"duration\":3600,"
    "\"uploaded_bytes\":123456789,\"downloaded_bytes\":987654321}";

std::size_t count_requests(std::string_view received) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = received.find("\r\n\r\n", at)) != std::string_view::npos;
       at += 4) {
    ++count;
  }
  return count;
}

void answer(int socket, std::size_t count) {
  for (; count > 0; --count) ::send(socket, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL);
}

int listen_anywhere() {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0) std::exit(1);
  ::listen(listener, 4096);
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  std::printf("%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return listener;
}

int accept_one(int listener) {
  const int socket = ::accept(listener, nullptr, nullptr);
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return socket;
}

struct Late {
  Clock::time_point due;
  int socket;
  std::size_t count;
};

void set_timer(int timer, Clock::time_point due) {
  itimerspec when{};
  const auto since = due.time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since);
  when.it_value.tv_sec = seconds.count();
  when.it_value.tv_nsec = std::chrono::nanoseconds(since - seconds).count();
  ::timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, nullptr);
}

struct Beats {
  int sessions = 0;  // session-000000 and so on; 0: there is no stream
  std::chrono::seconds every{1};
};

void send_beats(int socket, Beats beats) {
  const std::string head =
      "HTTP/1.1 200 OK\r\nDate: " + date_now() + "\r\nContent-Type: text/event-stream\r\n\r\n";
  if (::send(socket, head.data(), head.size(), MSG_NOSIGNAL) < 0) return;
  const auto step = std::chrono::nanoseconds(beats.every) / beats.sessions;
  auto due = Clock::now();
  for (long long id = 1;; ++id) {
    std::array<char, 256> event{};
    const int size = std::snprintf(
        event.data(), event.size(),
        "data: {\"id\":%lld,\"event_type\":\"session_heartbeat\",\"session_id\":\"session-%06lld\","
        "\"created_at\":\"2026-01-01T00:00:00Z\",\"duration\":3600}\n\n",
        id, id % beats.sessions);
    std::this_thread::sleep_until(due += step);
    if (::send(socket, event.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL) < 0) break;
  }
  ::close(socket);
}

void serve(int listener, std::chrono::milliseconds delay, Beats beats) {
  const int epoll = ::epoll_create1(0);
  const int timer = ::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  for (const int descriptor : {0, listener, timer}) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = descriptor;
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
  }
  std::deque<Late> late;
  std::array<epoll_event, 512> events;
  std::array<char, 65536> bytes;
  for (;;) {
    const int ready = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < ready; ++i) {
      const int descriptor = events[static_cast<std::size_t>(i)].data.fd;
      if (descriptor == listener) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = accept_one(listener);
        ::epoll_ctl(epoll, EPOLL_CTL_ADD, event.data.fd, &event);
      } else if (descriptor == timer) {
        ::read(timer, bytes.data(), 8) < 0 ? void() : void();
        for (const auto now = Clock::now(); !late.empty() && late.front().due <= now;) {
          answer(late.front().socket, late.front().count);
          late.pop_front();
        }
        if (!late.empty()) set_timer(timer, late.front().due);
      } else {
        const ssize_t received = ::read(descriptor, bytes.data(), bytes.size());
        if (received <= 0) {
          if (descriptor == 0) return;
          ::close(descriptor);
          continue;
        }
        const std::string_view request(bytes.data(), static_cast<std::size_t>(received));
        if (beats.sessions > 0 && request.find("/sessions/events ") != request.npos) {
          ::epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, nullptr);
          std::thread(send_beats, descriptor, beats).detach();
          continue;
        }
        const auto count = count_requests(request);
        if (delay.count() == 0) {
          answer(descriptor, count);
        } else {
          late.push_back({Clock::now() + delay, descriptor, count});
          if (late.size() == 1) set_timer(timer, late.front().due);
        }
      }
    }
  }
}

void converse(SSL_CTX* context, int socket) {
  SSL* tls = SSL_new(context);
  SSL_set_fd(tls, socket);
  std::array<char, 16384> bytes;
  if (SSL_accept(tls) == 1) {
    for (int got = 0; (got = SSL_read(tls, bytes.data(), bytes.size())) > 0;) {
      auto count = count_requests({bytes.data(), static_cast<std::size_t>(got)});
      for (; count > 0; --count) SSL_write(tls, kAnswer.data(), static_cast<int>(kAnswer.size()));
    }
  }
  SSL_free(tls);
  ::close(socket);
}

void serve_tls(int listener, const char* certificate, const char* key) {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  SSL_CTX_use_certificate_chain_file(context, certificate);
  SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM);
  std::thread([] {
    char byte = 0;
    while (::read(0, &byte, 1) > 0) {
    }
    std::_Exit(0);
  }).detach();
  for (;;) {
    std::thread(converse, context, accept_one(listener)).detach();
  }
}

}  // namespace

int main(int count, char** words) {
  const int listener = listen_anywhere();
  const std::string_view first = count > 1 ? words[1] : "";
  if (first == "--tls" && count > 3) serve_tls(listener, words[2], words[3]);
  const bool is_late = first == "--delay" && count > 2;
  Beats beats;
  if (first == "--events" && count > 3) {
    beats = {std::atoi(words[2]), std::chrono::seconds(std::atoi(words[3]))};
  }
  serve(listener, std::chrono::milliseconds(is_late ? std::atoi(words[2]) : 0), beats);
}

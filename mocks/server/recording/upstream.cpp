#include "recording/upstream.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

#include "recording/tls_client.h"
#include "wire/chunked.h"

namespace mock {

namespace {

constexpr std::size_t kMostAnswer = 16 * 1024 * 1024;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

int connect_to(const Upstream& upstream, std::string& problem) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int unresolved =
      ::getaddrinfo(upstream.host.c_str(), upstream.port.c_str(), &hints, &found);
  if (unresolved != 0) {
    problem = upstream.host + ": " + gai_strerror(unresolved);
    return -1;
  }
  int socket = -1;
  for (const addrinfo* each = found; each != nullptr && socket < 0; each = each->ai_next) {
    socket = ::socket(each->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval patience{.tv_sec = 30, .tv_usec = 0};
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (::connect(socket, each->ai_addr, each->ai_addrlen) != 0) {
      ::close(socket);
      socket = -1;
    }
  }
  ::freeaddrinfo(found);
  if (socket < 0) problem = "cannot connect to " + upstream.host + " port " + upstream.port;
  return socket;
}

std::string request_bytes(const Upstream& upstream, const Request& request) {
  std::string bytes = request.method + " " + upstream.path + request.target + " HTTP/1.1\r\n";
  bytes += "Host: " + upstream.host + ":" + upstream.port + "\r\n";
  for (const Header& header : request.headers) {
    // An encoding would have to be undone before anything could be redacted.
    if (is_hop_by_hop(header.name) || equals_ignoring_case(header.name, "accept-encoding"))
      continue;
    bytes += header.name + ": " + header.value + "\r\n";
  }
  const bool has_body = request.method != "GET" && request.method != "HEAD";
  if (has_body) bytes += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  return bytes + "Connection: close\r\n\r\n" + request.body;
}

// Takes an answer apart; sets `problem` when it is none.
UpstreamAnswer parse_answer(const std::string& bytes, bool head_only) {
  UpstreamAnswer answer;
  const std::size_t end = bytes.find("\r\n\r\n");
  const char* status = bytes.data() + 9;
  if (end == std::string::npos || !bytes.starts_with("HTTP/1.") ||
      std::from_chars(status, status + 3, answer.http_status).ec != std::errc()) {
    answer.problem = "the server's answer is not HTTP";
    return answer;
  }
  bool chunked = false;
  for (std::size_t at = bytes.find("\r\n") + 2; at < end;) {
    const std::size_t stop = bytes.find("\r\n", at);
    const std::string_view line = std::string_view(bytes).substr(at, stop - at);
    at = stop + 2;
    const std::size_t colon = std::min(line.find(':'), line.size());
    std::string_view value = line.substr(std::min(line.size(), colon + 1));
    while (value.starts_with(' ')) value.remove_prefix(1);
    answer.headers.push_back({std::string(line.substr(0, colon)), std::string(value)});
    chunked |= equals_ignoring_case(answer.headers.back().name, "transfer-encoding");
  }
  const std::string_view rest = std::string_view(bytes).substr(end + 4);
  if (!chunked || head_only) {
    answer.body = rest;
    for (const Header& header : answer.headers) {
      if (head_only || answer.http_status == 304) break;
      if (!equals_ignoring_case(header.name, "content-length")) continue;
      if (header.value == std::to_string(rest.size())) continue;
      answer.problem = "the server's answer is not as long as it says";
    }
  } else if (read_chunks(rest, kMostAnswer, answer.body).outcome != Chunks::Outcome::complete) {
    answer.problem = "the server's answer ends in the midst of a chunk";
  }
  return answer;
}

}  // namespace

Upstream parse_upstream(const std::string& url, const std::string& ca_file) {
  Upstream upstream;
  upstream.ca_file = ca_file;
  upstream.tls = url.starts_with("https://");
  if (!upstream.tls && !url.starts_with("http://")) {
    upstream.problem = url + " must begin with http:// or https://";
    return upstream;
  }
  const std::size_t begin = upstream.tls ? 8 : 7;
  const std::size_t slash = std::min(url.find('/', begin), url.size());
  std::string authority = url.substr(begin, slash - begin);
  upstream.path = url.substr(slash);
  while (upstream.path.ends_with('/')) upstream.path.pop_back();
  upstream.port = upstream.tls ? "443" : "80";
  const std::size_t colon = authority.rfind(':');
  if (colon != std::string::npos && authority.find(']', colon) == std::string::npos) {
    upstream.port = authority.substr(colon + 1);
    authority.resize(colon);
  }
  const bool six = authority.starts_with('[') && authority.ends_with(']');
  upstream.host = six ? authority.substr(1, authority.size() - 2) : authority;
  if (upstream.host.empty() || upstream.port.empty()) upstream.problem = url + " names no host";
  if (!ca_file.empty() && !holds_authorities(ca_file)) {
    upstream.problem = ca_file + ": no certificates can be read from it";
  }
  return upstream;
}

bool is_hop_by_hop(std::string_view name) {
  static constexpr std::array<std::string_view, 9> kNames{
      "connection", "keep-alive", "transfer-encoding", "te",     "trailer",
      "upgrade",    "host",       "content-length",    "expect",
  };
  return std::ranges::any_of(kNames, [&](auto each) { return equals_ignoring_case(name, each); });
}

UpstreamAnswer ask(const Upstream& upstream, const Request& request) {
  UpstreamAnswer failed;
  const Descriptor socket(connect_to(upstream, failed.problem));
  if (socket.number() < 0) return failed;
  std::unique_ptr<TlsSession> tls;
  if (upstream.tls) {
    tls = connect_tls(socket.number(), upstream, failed.problem);
    if (!tls) return failed;
  }
  const std::string sent = request_bytes(upstream, request);
  for (std::size_t at = 0; at < sent.size();) {
    const ssize_t count =
        tls ? tls->send(sent.data() + at, sent.size() - at)
            : ::send(socket.number(), sent.data() + at, sent.size() - at, MSG_NOSIGNAL);
    if (count <= 0) {
      failed.problem = "the server took no request";
      return failed;
    }
    at += static_cast<std::size_t>(count);
  }
  std::string received;
  std::array<char, 65536> buffer;
  for (ssize_t count = 1; count > 0 && received.size() < kMostAnswer;) {
    count = tls ? tls->receive(buffer.data(), buffer.size())
                : ::recv(socket.number(), buffer.data(), buffer.size(), 0);
    if (count > 0) received.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return parse_answer(received, request.method == "HEAD");
}

}  // namespace mock

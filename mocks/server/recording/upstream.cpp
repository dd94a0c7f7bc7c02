// A client of its own, blocking, which is what a thread of its own wants. A length that is not
// kept to, a coding that nobody knows and a connection that is cut are no answer.
#include "recording/upstream.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "recording/upstream_link.h"
#include "sandbox/files.h"
#include "values/text.h"
#include "wire/application.h"
#include "wire/chunked.h"

namespace mock {

namespace {

constexpr std::size_t kMaxAnswer = 16 * 1024 * 1024;
constexpr std::size_t kMaxHead = 64 * 1024;
constexpr int kMostHeads = 100;                     // the interim ones with the last
constexpr std::int64_t kMostMilliseconds = 60'000;  // in all; the recorder waits no longer
constexpr const char* kNotHttp = "the server's answer is not HTTP, or ends before it is whole";
constexpr const char* kEncoded =
    "the server encodes its answer, though it was asked not to: nothing could be redacted in it";
constexpr const char* kTooLong = "the server's answer is longer than 16 MiB";

bool is_port(const std::string& text) {
  int port = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), port);
  return read.ec == std::errc() && read.ptr == text.data() + text.size() && port > 0 &&
         port <= 65535;
}

bool holds_authorities(const std::string& ca_file) {
  const auto text = read_file(ca_file);
  return text && text->find("-----BEGIN ") != text->npos;
}

std::string host_of(const Upstream& upstream) {
  const bool is_six = upstream.host.find(':') != std::string::npos;
  const std::string host = is_six ? "[" + upstream.host + "]" : upstream.host;
  return upstream.port == (upstream.tls ? "443" : "80") ? host : host + ":" + upstream.port;
}

std::string bytes_of(const Upstream& upstream, const Request& request) {
  std::string bytes = request.method + " " + upstream.path + request.target + " HTTP/1.1\r\n";
  const auto add = [&](std::string_view name, std::string_view value) {
    bytes.append(name).append(": ").append(value).append("\r\n");
  };
  add("Host", host_of(upstream));
  for (const Header& header : request.headers) {
    // An encoding would have to be undone before anything could be redacted.
    if (is_hop_by_hop(header.name) || equals_ignoring_case(header.name, "accept-encoding"))
      continue;
    add(header.name, header.value);
  }
  add("Accept-Encoding", "identity");
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT" ||
      request.method == "PATCH")
    add("Content-Length", std::to_string(request.body.size()));
  add("Connection", "close");
  return bytes + "\r\n" + request.body;
}

std::optional<std::size_t> number(std::string_view digits) {
  std::size_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, value);
  if (digits.empty() || read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return value;
}

/// The status and headers of a head without its empty line; false when it is not HTTP.
bool read_head(std::string_view head, UpstreamAnswer& answer) {
  const std::size_t first = std::min(head.find("\r\n"), head.size());
  const std::string_view status = head.substr(0, first);
  if (status.size() < 12 || status[8] != ' ') return false;
  if (!status.starts_with("HTTP/1.1") && !status.starts_with("HTTP/1.0")) return false;
  if (status.size() > 12 && status[12] != ' ') return false;
  const auto code = number(status.substr(9, 3));
  if (!code || *code < 100 || *code == 101) return false;
  // Passed on, they could end a line of our own answer.
  const auto is_control = [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f';
  };
  answer.http_status = static_cast<int>(*code);
  if (std::ranges::any_of(status, is_control)) return false;
  answer.headers.clear();
  for (std::size_t at = first; at < head.size();) {
    at += 2;
    const std::size_t end = std::min(head.find("\r\n", at), head.size());
    const std::string_view line = head.substr(at, end - at);
    const std::size_t colon = line.find(':');
    if (colon == line.npos || colon == 0 ||
        line.substr(0, colon).find_first_of(" \t") != line.npos ||
        std::ranges::any_of(line, is_control))
      return false;
    answer.headers.push_back(
        {std::string(line.substr(0, colon)), std::string(without_spaces(line.substr(colon + 1)))});
    at = end;
  }
  return true;
}

class Reader {
 public:
  explicit Reader(UpstreamLink& link) : link_(link) {}

  /// Reads one answer; returns why there is none, or nothing.
  std::string read(bool is_head, UpstreamAnswer& answer) {
    do {
      std::size_t end;
      while ((end = received_.find("\r\n\r\n")) == received_.npos)
        if (received_.size() > kMaxHead || !more()) return kNotHttp;
      if (end > kMaxHead || ++heads_ > kMostHeads) return kNotHttp;
      if (!read_head(std::string_view(received_).substr(0, end), answer)) return kNotHttp;
      is_old_ = received_.starts_with("HTTP/1.0");
      received_.erase(0, end + 4);
    } while (answer.http_status < 200);  // an interim answer, before the one that counts
    if (is_head || answer.http_status == 204 || answer.http_status == 304) return {};
    return read_body(answer);
  }

 private:
  std::string read_body(UpstreamAnswer& answer) {
    std::optional<std::size_t> length;
    bool is_chunked = false;
    for (const Header& header : answer.headers) {
      if (equals_ignoring_case(header.name, "transfer-encoding")) {
        if (is_chunked || !equals_ignoring_case(header.value, "chunked")) return kNotHttp;
        is_chunked = true;
      } else if (equals_ignoring_case(header.name, "content-encoding") &&
                 !equals_ignoring_case(header.value, "identity")) {
        return kEncoded;
      } else if (equals_ignoring_case(header.name, "content-length")) {
        const auto read = number(header.value);
        if (!read || (length && *length != *read)) return kNotHttp;
        length = read;
      }
    }
    if (is_chunked && (length || is_old_)) return kNotHttp;
    if (is_chunked) return read_chunks(answer.body);
    while (!length || received_.size() < *length) {
      if (length.value_or(received_.size()) > kMaxAnswer) return kTooLong;
      if (more()) continue;
      if (length || !has_ended_) return kNotHttp;
      length = received_.size();
    }
    answer.body = received_.substr(0, *length);
    return {};
  }

  std::string read_chunks(std::string& body) {
    ChunkedBody chunks;
    for (;;) {
      switch (chunks.read(received_, kMaxAnswer, body)) {
        case ChunkedBody::Outcome::complete:
          return {};
        case ChunkedBody::Outcome::malformed:
          return kNotHttp;
        case ChunkedBody::Outcome::too_long:
          return kTooLong;
        case ChunkedBody::Outcome::need_more:
          break;
      }
      // Sizes and extensions count, too, or they could fill the memory.
      if (received_.size() > 2 * kMaxAnswer) return kTooLong;
      if (!more()) return kNotHttp;
    }
  }

  bool more() {
    if (monotonic_now() - begun_ > kMostMilliseconds) return false;
    const auto outcome = link_.receive(received_);
    has_ended_ = outcome == UpstreamLink::Received::end;
    return outcome == UpstreamLink::Received::some;
  }

  UpstreamLink& link_;
  std::int64_t begun_ = monotonic_now();
  std::string received_;
  int heads_ = 0;
  bool is_old_ = false;  // HTTP/1.0, which knows no chunks
  bool has_ended_ = false;
};

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
  if (authority.find('@') != std::string::npos) {
    // Not shown, as it may hold a password.
    upstream.problem = "the server's URL names a user: leave it out, the client's key is passed on";
    return upstream;
  }
  if (url.find_first_of("?# ") != std::string::npos) {
    upstream.problem = url + " is more than a server and a path";
    return upstream;
  }
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
  if (upstream.host.empty() || (!six && upstream.host.find_first_of("[]:") != std::string::npos))
    upstream.problem = url + " names no host";
  if (!is_port(upstream.port)) upstream.problem = url + " has no port from 1 to 65535";
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
  UpstreamAnswer answer;
  const auto link = connect_to(upstream, answer.problem);
  if (!link) return answer;
  if (!link->send(bytes_of(upstream, request))) {
    answer.problem = "the server took no request";
    return answer;
  }
  std::string problem = Reader(*link).read(request.method == "HEAD", answer);
  if (!problem.empty()) return {.http_status = 0, .headers = {}, .body = {}, .problem = problem};
  return answer;
}

}  // namespace mock

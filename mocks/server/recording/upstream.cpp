// cpp-httplib as a client: blocking and complete, which is what a thread of its own wants. Its
// limits are accepted here, where the server is one that the user chose: it percent-decodes the
// values of headers (0.11.4), knows no interim answer but 100, and bounds neither head nor time
// beyond the 30 s of a read.
#include "recording/upstream.h"

#include <httplib.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "sandbox/files.h"

namespace mock {

namespace {

constexpr std::size_t kMaxAnswer = 16 * 1024 * 1024;
constexpr time_t kPatience = 30;  // seconds

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

std::string words_for(httplib::Error error, const Upstream& upstream) {
  const std::string place = upstream.host + " port " + upstream.port;
  switch (error) {
    case httplib::Error::Connection:
    case httplib::Error::BindIPAddress:
      return "cannot connect to " + place;
    case httplib::Error::SSLServerVerification:
      return "TLS with " + place + " failed: its certificate is not trusted";
    case httplib::Error::SSLLoadingCerts:
      return "TLS with " + place + " failed: no certificates can be read from " + upstream.ca_file;
    case httplib::Error::SSLConnection:
      // Older versions of the library say no more when they refuse a certificate.
      return "TLS with " + place + " failed: no handshake, or its certificate is not trusted";
    case httplib::Error::Write:
      return "the server took no request";
    default:
      return "the server's answer is not HTTP, or ends before it is whole";
  }
}

// A template, so that only the call that this version of the library has is looked at.
template <typename Client>
void send_path_as_it_is(Client& client) {
  if constexpr (requires { client.set_path_encode(false); }) {
    client.set_path_encode(false);
  } else {
    client.set_url_encode(false);
  }
}

template <typename Client>
UpstreamAnswer ask_by(Client& client, const Upstream& upstream, const Request& request) {
  client.set_connection_timeout(kPatience);
  client.set_read_timeout(kPatience);
  client.set_write_timeout(kPatience);
  client.set_keep_alive(false);
  client.set_follow_location(false);
  client.set_decompress(false);
  send_path_as_it_is(client);
  httplib::Request asked;
  asked.method = request.method;
  asked.path = upstream.path + request.target;
  asked.body = request.body;
  const bool is_six = upstream.host.find(':') != std::string::npos;
  asked.headers.emplace("Host",
                        (is_six ? "[" + upstream.host + "]" : upstream.host) + ":" + upstream.port);
  for (const Header& header : request.headers) {
    // An encoding would have to be undone before anything could be redacted.
    if (is_hop_by_hop(header.name) || equals_ignoring_case(header.name, "accept-encoding"))
      continue;
    asked.headers.emplace(header.name, header.value);
  }
  UpstreamAnswer answer;
  bool too_long = false;
  // Given a receiver, the library asks for no encoding of its own.
  asked.content_receiver = [&](const char* data, std::size_t size, auto, auto) {
    too_long = answer.body.size() + size > kMaxAnswer;
    if (!too_long) answer.body.append(data, size);
    return !too_long;
  };
  httplib::Response response;
  auto error = httplib::Error::Success;
  if (!client.send(asked, response, error)) {
    UpstreamAnswer failed;
    failed.problem =
        too_long ? "the server's answer is longer than 16 MiB" : words_for(error, upstream);
    return failed;
  }
  answer.http_status = response.status;
  for (const auto& [name, value] : response.headers) answer.headers.push_back({name, value});
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
  if (upstream.host.empty()) upstream.problem = url + " names no host";
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
  const int port = std::stoi(upstream.port);
  if (!upstream.tls) {
    httplib::Client client(upstream.host, port);
    return ask_by(client, upstream, request);
  }
  httplib::SSLClient client(upstream.host, port);
  client.enable_server_certificate_verification(true);
  if (!upstream.ca_file.empty()) client.set_ca_cert_path(upstream.ca_file);
  return ask_by(client, upstream, request);
}

}  // namespace mock

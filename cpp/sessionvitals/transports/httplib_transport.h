#pragma once

#include <httplib.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "sessionvitals/transport.h"

/// A transport over cpp-httplib, for programs that use it already, with its proxies,
/// its certificates or its platforms. Header-only, so that the library itself needs no
/// cpp-httplib: what includes this is linked with it, and compiled with the macros that
/// its package gives (pkg-config cpp-httplib). Tested with 0.11.4 and 0.53.1.
///
///     PingClient ping({.custom_transport = std::make_shared<HttplibTransport>()});
///
/// Its limits, beside those of every custom transport (transport.h):
///
/// - The timeout holds for each of connect, read and write by itself, so that a peer that
///   sends a head byte by byte holds a call longer; 0.53.1 bounds the whole exchange but
///   not the connect. Name resolution is not bounded, but by the system.
/// - A cancel is seen between attempts and as a body comes; not while it connects and
///   not while it waits for a head.
/// - The phase of a failure is known as far as cpp-httplib tells it: reset, end of stream
///   and read timeout are all "receive". No address, TLS version or bytes are reported.
/// - A new TLS connection loads the CA bundle again (30 to 40 ms, 1 MB).
/// - A child of fork must make a new one, and must not destroy its parent's.
/// - 0.11.4 percent-decodes header values, reads an unsolicited response as the next
///   answer, and bounds no head; a reason phrase of many
///   kilobytes ends the process, with 0.53.1 on stacks of up to 1 MB. Both fail on the
///   interim responses 102 and 103. Ask only servers that you trust that far.
namespace sessionvitals {

class HttplibTransport final : public Transport {
 public:
  /// `configure` is called for each new connection: to set a proxy, a CA file. Timeouts,
  /// keep-alive, redirects and encodings are set here, after it.
  explicit HttplibTransport(std::function<void(httplib::Client&)> configure = {})
      : configure_(std::move(configure)) {}

  Result<Response> send(const std::string& origin, const Request& request, const Context& context,
                        Attempt& attempt) const override {
    std::unique_ptr<httplib::Client> client = take(origin);
    if (!client->is_valid()) {
      return Error(ErrorKind::configuration_error,
                   "cpp-httplib cannot reach " + origin +
                       ": for https, compile with CPPHTTPLIB_OPENSSL_SUPPORT.");
    }
    set_timeouts(*client, context.deadline);
    attempt.reused = client->is_socket_open() != 0;
    httplib::Request asked = translate(request);
    Response response;
    const auto take_head = [&response](const httplib::Response& head) {
      response.http_status = head.status;
      for (const auto& [name, value] : head.headers) response.headers.push_back({name, value});
    };
    asked.response_handler = [&take_head](const httplib::Response& head) {
      if (head.status == kNotModified) take_head(head);
      return head.status != kNotModified;
    };
    bool is_too_long = false;
    // Given a receiver, cpp-httplib collects no body and asks for no encoding of its own.
    asked.content_receiver = [&](const char* data, std::size_t size, auto, auto) {
      is_too_long = response.body.size() + size > context.body_limit;
      if (is_too_long || must_end(context)) return false;
      response.body.append(data, size);
      return true;
    };
    httplib::Response received;
    auto error = httplib::Error::Success;
    if (!client->send(asked, received, error)) {
      if (response.http_status == kNotModified) return response;
      if (is_too_long) {
        return Error(Violation{"",
                               "a body of at most " + std::to_string(context.body_limit) + " bytes",
                               "a longer one"});
      }
      return Error(ErrorKind::transport_error, phase_of(error),
                   "cpp-httplib: " + httplib::to_string(error) + ".");
    }
    take_head(received);
    give_back(origin, std::move(client));
    return response;
  }

 private:
  static constexpr int kNotModified = 304;  // for whose body, which is none, 0.11.4 waits

  static bool must_end(const Context& context) {
    return Clock::now() >= context.deadline ||
           (context.cancel != nullptr && context.cancel->is_cancelled()) ||
           (context.is_interrupted != nullptr && context.is_interrupted());
  }

  static httplib::Request translate(const Request& request) {
    httplib::Request asked;
    asked.method = request.method;
    asked.path = request.target;
    asked.body = request.body;
    for (const Header& header : request.headers) asked.headers.emplace(header.name, header.value);
    return asked;
  }

  static Phase phase_of(httplib::Error error) {
    using httplib::Error;
    if (error == Error::Connection || error == Error::ConnectionTimeout ||
        error == Error::BindIPAddress) {
      return Phase::connect;
    }
    if (error == Error::Write) return Phase::send;
    // Newer versions tell more of these apart; their words begin alike.
    const std::string words = httplib::to_string(error);
    if (words.starts_with("SSL")) return Phase::tls;
    return words.starts_with("Proxy") ? Phase::proxy : Phase::receive;
  }

  // Templates, so that only those members are named that this version has.
  template <class Client>
  static void set_timeouts(Client& client, Clock::time_point deadline) {
    constexpr std::chrono::hours kDay{24};  // what a deadline of max() comes to
    // A millisecond more, so that a call that is ended by one is past its deadline.
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(std::clamp<Clock::duration>(
                          deadline - Clock::now(), Clock::duration::zero(), kDay)) +
                      std::chrono::milliseconds(1);
    client.set_connection_timeout(left);
    client.set_read_timeout(left);
    client.set_write_timeout(left);
    if constexpr (requires { client.set_max_timeout(left); }) client.set_max_timeout(left);
  }

  template <class Client>
  static void keep_targets_as_they_are(Client& client) {
    if constexpr (requires { client.set_path_encode(false); }) {
      client.set_path_encode(false);
    } else {
      client.set_url_encode(false);
    }
  }

  std::unique_ptr<httplib::Client> take(const std::string& origin) const {
    {
      const std::lock_guard lock(mutex_);
      auto& idle = idle_[origin];
      if (!idle.empty()) {
        auto client = std::move(idle.back());
        idle.pop_back();
        return client;
      }
    }
    auto client = std::make_unique<httplib::Client>(origin);
    if (!client->is_valid()) return client;
    if (configure_) configure_(*client);
    client->set_keep_alive(true);
    client->set_tcp_nodelay(true);
    client->set_follow_location(false);
    client->set_decompress(false);
    keep_targets_as_they_are(*client);
    return client;
  }

  void give_back(const std::string& origin, std::unique_ptr<httplib::Client> client) const {
    const std::lock_guard lock(mutex_);
    idle_[origin].push_back(std::move(client));
  }

  const std::function<void(httplib::Client&)> configure_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::vector<std::unique_ptr<httplib::Client>>> idle_;
};

}  // namespace sessionvitals

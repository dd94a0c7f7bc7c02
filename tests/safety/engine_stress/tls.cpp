// Many threads over one pool of TLS connections: does anyone get another's answer,
// how often are the CAs loaded, and what does a second client cost?

#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <latch>
#include <memory>
#include <mutex>
#include <thread>

#include "peer.h"
#include "sessionvitals/engine/tls/tls.h"
#include "stress.h"

namespace stress {
namespace {

using sessionvitals::CallReport;
using sessionvitals::Context;

constexpr std::size_t kConnections = 64;

/// Answers "/ANY/KIND/TOKEN" with the token, and closes after a kind of "close".
/// The first answers wait for each other, so that as many connections are open.
class SecurePeer {
 public:
  SecurePeer()
      : listener_(listen_on_loopback(1024, port_)), context_(::SSL_CTX_new(TLS_server_method())) {
    const std::string file = std::string(SESSIONVITALS_CERTIFICATES) + "/server.pem";
    if (SSL_CTX_use_certificate_chain_file(context_, file.c_str()) != 1 ||
        SSL_CTX_use_PrivateKey_file(context_, file.c_str(), SSL_FILETYPE_PEM) != 1) {
      std::fprintf(stderr, "%s cannot be loaded\n", file.c_str());
      std::exit(2);
    }
    acceptor_ = std::thread([this] { accept_all(); });
  }

  ~SecurePeer() {
    is_over_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (std::thread& conversation : conversations_) conversation.join();
    ::close(listener_);
    SSL_CTX_free(context_);
  }

  std::string url() const { return "https://127.0.0.1:" + std::to_string(port_); }
  std::size_t resumed() const { return resumed_; }

 private:
  void accept_all() {
    while (!is_over_) {
      const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (descriptor >= 0)
        conversations_.emplace_back([this, descriptor] { converse(descriptor); });
    }
  }

  void converse(int descriptor) {
    SSL* ssl = SSL_new(context_);
    SSL_set_fd(ssl, descriptor);
    if (SSL_accept(ssl) == 1) {
      resumed_ += SSL_session_reused(ssl) == 1 ? 1U : 0U;
      while (answer_one(ssl)) {
      }
      SSL_shutdown(ssl);
    }
    SSL_free(ssl);
    ::close(descriptor);
  }

  bool answer_one(SSL* ssl) {
    std::string request;
    std::array<char, 4096> bytes;
    while (!request.ends_with("\r\n\r\n")) {
      const int received = SSL_read(ssl, bytes.data(), static_cast<int>(bytes.size()));
      if (received <= 0) return false;
      request.append(bytes.data(), static_cast<std::size_t>(received));
    }
    const std::string target = request.substr(0, request.find(" HTTP/"));
    const std::string token = target.substr(target.rfind('/') + 1);
    if (target.find("/meet/") != std::string::npos) meeting_.arrive_and_wait();
    const std::string said =
        "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(token.size()) + "\r\n\r\n" + token;
    if (SSL_write(ssl, said.data(), static_cast<int>(said.size())) <= 0) return false;
    return target.find("/close/") == std::string::npos;
  }

  int port_ = 0;
  int listener_;
  SSL_CTX* context_;
  std::latch meeting_{kConnections};
  std::atomic<bool> is_over_{false};
  std::atomic<std::size_t> resumed_{0};
  std::vector<std::thread> conversations_;
  std::thread acceptor_;
};

struct Answered {
  std::atomic<std::size_t> wrong{0};   // another's answer
  std::atomic<std::size_t> failed{0};  // no answer
};

void ask(const sessionvitals::engine::PoolTransport& transport, const std::string& kind,
         const std::string& token, Answered& count) {
  CallReport report;
  Context context;
  context.deadline = Clock::now() + std::chrono::seconds(60);
  const auto response =
      transport.send(request_of("/" + kind + "/" + token), kAsksOnly, context, report);
  if (!response) {
    ++count.failed;
    std::fprintf(stderr, "%s\n", response.error().message().c_str());
  } else if (response->body != token) {
    ++count.wrong;
  }
}

/// The median of what it takes to open one more transport, in microseconds.
double cost_of_a_second_client(const std::string& url,
                               const sessionvitals::TransportOptions& options) {
  std::vector<double> costs;
  for (int i = 0; i < 101; ++i) {
    const auto begun = Clock::now();
    const auto second = open(url + "/second", options);
    costs.push_back(std::chrono::duration<double, std::micro>(Clock::now() - begun).count());
  }
  std::sort(costs.begin(), costs.end());
  return costs[costs.size() / 2];
}

}  // namespace

bool run_tls(std::size_t count, std::uint64_t seed) {
  SecurePeer peer;
  sessionvitals::TransportOptions options;
  options.ca_file = std::string(SESSIONVITALS_CERTIFICATES) + "/authority.pem";
  options.max_connections = kConnections;
  const auto transport = open(peer.url(), options);
  Answered calls;
  std::vector<std::thread> threads;
  for (std::uint64_t thread = 0; thread < kConnections; ++thread) {
    threads.emplace_back([&, thread] {
      Dice dice(seed * 1000 + thread);
      // A client of its own, that shares the pool of all others.
      const auto own = open(peer.url(), options);
      ask(*own, "meet", std::to_string(thread), calls);
      for (std::size_t i = 0; i < count / kConnections; ++i) {
        ask(*own, dice.between(0, 9) == 0 ? "close" : "ok",
            std::to_string(thread) + "-" + std::to_string(i), calls);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto pool = transport->statistics();
  const double second = cost_of_a_second_client(peer.url(), options);
  const std::uint64_t loads = sessionvitals::engine::TlsContext::loads();
  std::printf(
      "{\"calls\": %zu, \"wrong\": %zu, \"failed\": %zu, \"opened\": %llu, \"resumed\": %zu, "
      "\"leased\": %zu, \"ca_loads\": %llu, \"second_client_us\": %.1f}\n",
      count, calls.wrong.load(), calls.failed.load(), static_cast<unsigned long long>(pool.opened),
      peer.resumed(), pool.leased, static_cast<unsigned long long>(loads), second);
  return calls.wrong == 0 && calls.failed == 0 && pool.leased == 0 && loads == 1 &&
         pool.opened >= kConnections;
}

}  // namespace stress

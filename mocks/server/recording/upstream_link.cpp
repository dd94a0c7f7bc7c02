#include "recording/upstream_link.h"

#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace mock {

namespace {

constexpr timeval kPatience{.tv_sec = 30, .tv_usec = 0};

class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  ~Socket() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

class PlainLink final : public UpstreamLink {
 public:
  explicit PlainLink(Socket socket) : socket_(std::move(socket)) {}

  bool send(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_.descriptor(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  Received receive(std::string& bytes) override {
    std::array<char, 16384> piece;
    const ssize_t got = recv(socket_.descriptor(), piece.data(), piece.size(), 0);
    if (got < 0) return Received::failed;
    bytes.append(piece.data(), static_cast<std::size_t>(got));
    return got == 0 ? Received::end : Received::some;
  }

 private:
  Socket socket_;
};

struct Freed {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(addrinfo* found) const { freeaddrinfo(found); }
};

class TlsLink final : public UpstreamLink {
 public:
  TlsLink(Socket socket, std::unique_ptr<SSL, Freed> ssl)
      : socket_(std::move(socket)), ssl_(std::move(ssl)) {}

  bool send(std::string_view bytes) override {
    ERR_clear_error();
    std::size_t sent = 0;
    return bytes.empty() || SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &sent) == 1;
  }

  Received receive(std::string& bytes) override {
    std::array<char, 16384> piece;
    std::size_t got = 0;
    ERR_clear_error();
    const int result = SSL_read_ex(ssl_.get(), piece.data(), piece.size(), &got);
    if (result != 1) {
      // Only a goodbye is an end: a connection that is cut could hide the rest of the answer.
      const bool is_end = SSL_get_error(ssl_.get(), result) == SSL_ERROR_ZERO_RETURN;
      return is_end ? Received::end : Received::failed;
    }
    bytes.append(piece.data(), got);
    return Received::some;
  }

 private:
  Socket socket_;
  std::unique_ptr<SSL, Freed> ssl_;
};

Socket connected(const Upstream& upstream) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (getaddrinfo(upstream.host.c_str(), upstream.port.c_str(), &wanted, &list) != 0)
    return Socket(-1);
  const std::unique_ptr<addrinfo, Freed> found(list);
  for (const addrinfo* each = list; each != nullptr; each = each->ai_next) {
    Socket socket(::socket(each->ai_family, each->ai_socktype | SOCK_CLOEXEC, each->ai_protocol));
    if (socket.descriptor() < 0) continue;
    // The time to send bounds connect(), too.
    setsockopt(socket.descriptor(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
    setsockopt(socket.descriptor(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
    if (connect(socket.descriptor(), each->ai_addr, each->ai_addrlen) == 0) return socket;
  }
  return Socket(-1);
}

std::unique_ptr<SSL, Freed> shaken_hands(const Upstream& upstream, const Socket& socket,
                                         std::string& problem) {
  problem = "TLS with " + upstream.host + " port " + upstream.port + " failed: ";
  ERR_clear_error();
  const std::unique_ptr<SSL_CTX, Freed> context(SSL_CTX_new(TLS_client_method()));
  if (!context) {
    problem += "out of memory";
    return nullptr;
  }
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  const int loaded =
      upstream.ca_file.empty()
          ? SSL_CTX_set_default_verify_paths(context.get())
          : SSL_CTX_load_verify_locations(context.get(), upstream.ca_file.c_str(), nullptr);
  if (loaded != 1) {
    problem += "no certificates can be read from " + upstream.ca_file;
    return nullptr;
  }
  std::unique_ptr<SSL, Freed> ssl(SSL_new(context.get()));
  // An address is in the certificate as one, and is sent as no name.
  const bool is_address =
      ssl && X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), upstream.host.c_str()) == 1;
  // A name counts only where names stand, as for the clients.
  if (ssl) SSL_set_hostflags(ssl.get(), X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  const bool is_set =
      ssl && SSL_set_fd(ssl.get(), socket.descriptor()) == 1 &&
      (is_address || (SSL_set1_host(ssl.get(), upstream.host.c_str()) == 1 &&
                      SSL_set_tlsext_host_name(ssl.get(), upstream.host.c_str()) == 1));
  if (!is_set) {
    problem += "out of memory";
    return nullptr;
  }
  if (SSL_connect(ssl.get()) != 1) {
    const long verified = SSL_get_verify_result(ssl.get());
    problem += verified == X509_V_OK ? std::string("no handshake")
                                     : std::string("its certificate is not trusted (") +
                                           X509_verify_cert_error_string(verified) + ")";
    return nullptr;
  }
  problem.clear();
  return ssl;
}

}  // namespace

std::unique_ptr<UpstreamLink> connect_to(const Upstream& upstream, std::string& problem) {
  Socket socket = connected(upstream);
  if (socket.descriptor() < 0) {
    problem = "cannot connect to " + upstream.host + " port " + upstream.port;
    return nullptr;
  }
  if (!upstream.tls) return std::make_unique<PlainLink>(std::move(socket));
  auto ssl = shaken_hands(upstream, socket, problem);
  if (!ssl) return nullptr;
  return std::make_unique<TlsLink>(std::move(socket), std::move(ssl));
}

}  // namespace mock

#include "wire/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>

#include "wire/certificates.h"

namespace mock {

#ifdef SESSIONVITALS_BUNDLED_OPENSSL
// A bundled OpenSSL must not read the host's openssl.cnf, which is written for another build.
// Before every object with static storage, as one of them may ask OpenSSL for something.
[[gnu::constructor(101)]] void ignore_host_configuration() {
  OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
}
#endif

namespace {

class Session final : public TlsSession {
 public:
  explicit Session(SSL* ssl) : ssl_(ssl) {}
  ~Session() override { SSL_free(ssl_); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  ssize_t receive(char* data, std::size_t size) override {
    return outcome(SSL_read(ssl_, data, bounded(size)));
  }
  ssize_t send(const char* data, std::size_t size) override {
    return outcome(SSL_write(ssl_, data, bounded(size)));
  }
  bool has_more() const override { return SSL_pending(ssl_) > 0; }
  void close_notify() override {
    ERR_clear_error();
    if (SSL_is_init_finished(ssl_)) SSL_shutdown(ssl_);
  }

 private:
  static int bounded(std::size_t size) {
    // The queue of OpenSSL's errors is the thread's: an old one must not be taken for ours.
    ERR_clear_error();
    return static_cast<int>(std::min<std::size_t>(size, INT_MAX));
  }

  ssize_t outcome(int result) {
    if (result > 0) return result;
    switch (SSL_get_error(ssl_, result)) {
      case SSL_ERROR_WANT_READ:
      case SSL_ERROR_WANT_WRITE:
        errno = EAGAIN;
        return -1;
      case SSL_ERROR_ZERO_RETURN:
        return 0;
      default:
        errno = EPROTO;
        return -1;
    }
  }

  SSL* ssl_;
};

class Server final : public TlsServer {
 public:
  Server() : context_(SSL_CTX_new(TLS_server_method())) {}
  ~Server() override {
    SSL_CTX_free(context_);
    if (!ca_file_.empty()) ::unlink(ca_file_.c_str());
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::string open(const std::string& host) {
    const Identity authority = make_authority();
    const Identity identity = make_server_identity(authority, host);
    if (context_ == nullptr || !identity.key) return "OpenSSL made no certificate";
    SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION);
    SSL_CTX_set_mode(context_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                   SSL_MODE_RELEASE_BUFFERS);
    if (SSL_CTX_use_certificate(context_, identity.certificate.get()) != 1 ||
        SSL_CTX_use_PrivateKey(context_, identity.key.get()) != 1) {
      return "OpenSSL refused the certificate";
    }
    return write_authority(authority);
  }

  std::unique_ptr<TlsSession> accept(int socket) override {
    SSL* ssl = SSL_new(context_);
    if (ssl == nullptr) return nullptr;
    SSL_set_fd(ssl, socket);
    SSL_set_accept_state(ssl);
    return std::make_unique<Session>(ssl);
  }

  const std::string& ca_file() const override { return ca_file_; }

 private:
  std::string write_authority(const Identity& authority) {
    const char* folder = std::getenv("TMPDIR");
    std::string name = (folder != nullptr && *folder != '\0') ? folder : "/tmp";
    name += "/sessionvitals-mock-ca-XXXXXX.pem";
    const int descriptor = ::mkstemps(name.data(), 4);
    if (descriptor < 0) return "cannot write " + name;
    ca_file_ = name;
    std::FILE* file = ::fdopen(descriptor, "w");
    const bool written = PEM_write_X509(file, authority.certificate.get()) == 1;
    return std::fclose(file) == 0 && written ? "" : "cannot write " + name;
  }

  SSL_CTX* context_;
  std::string ca_file_;
};

}  // namespace

std::unique_ptr<TlsServer> make_tls_server(const std::string& host, std::string& problem) {
  auto server = std::make_unique<Server>();
  problem = server->open(host);
  if (!problem.empty()) return nullptr;
  return server;
}

}  // namespace mock

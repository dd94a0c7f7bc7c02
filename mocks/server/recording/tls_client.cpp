#include "recording/tls_client.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <climits>

namespace mock {

namespace {

class ClientSession final : public TlsSession {
 public:
  ClientSession(SSL_CTX* context, SSL* ssl) : context_(context), ssl_(ssl) {}
  ~ClientSession() override {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  ClientSession(const ClientSession&) = delete;
  ClientSession& operator=(const ClientSession&) = delete;

  ssize_t receive(char* data, std::size_t size) override {
    return SSL_read(ssl_, data, static_cast<int>(std::min<std::size_t>(size, INT_MAX)));
  }
  ssize_t send(const char* data, std::size_t size) override {
    return SSL_write(ssl_, data, static_cast<int>(std::min<std::size_t>(size, INT_MAX)));
  }
  bool has_more() const override { return SSL_pending(ssl_) > 0; }
  void close_notify() override { SSL_shutdown(ssl_); }

 private:
  SSL_CTX* context_;
  SSL* ssl_;
};

}  // namespace

bool holds_authorities(const std::string& ca_file) {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  const bool good = SSL_CTX_load_verify_locations(context, ca_file.c_str(), nullptr) == 1;
  SSL_CTX_free(context);
  return good;
}

std::unique_ptr<TlsSession> connect_tls(int socket, const Upstream& upstream,
                                        std::string& problem) {
  const std::string& host = upstream.host;
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL* ssl = SSL_new(context);
  auto session = std::make_unique<ClientSession>(context, ssl);
  if (upstream.ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(context);
  } else {
    SSL_CTX_load_verify_locations(context, upstream.ca_file.c_str(), nullptr);
  }
  SSL_set_verify(ssl, SSL_VERIFY_PEER, nullptr);
  in6_addr address;
  if (inet_pton(AF_INET, host.c_str(), &address) == 1 ||
      inet_pton(AF_INET6, host.c_str(), &address) == 1) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str());
  } else {
    SSL_set1_host(ssl, host.c_str());
    SSL_set_tlsext_host_name(ssl, host.c_str());
  }
  SSL_set_fd(ssl, socket);
  if (SSL_connect(ssl) == 1) return session;
  const long verdict = SSL_get_verify_result(ssl);
  problem = "TLS with " + host + " failed";
  if (verdict != X509_V_OK) problem.append(": ").append(X509_verify_cert_error_string(verdict));
  return nullptr;
}

}  // namespace mock

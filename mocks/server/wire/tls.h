// TLS on the server's side, with a certificate authority made for this run alone.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <string>

namespace mock {

/// One connection's TLS. Both calls speak errno's language: below 0 with EAGAIN when the socket
/// must be waited for, 0 from receive() when the peer ended.
class TlsSession {
 public:
  virtual ~TlsSession() = default;
  virtual ssize_t receive(char* data, std::size_t size) = 0;
  virtual ssize_t send(const char* data, std::size_t size) = 0;
  /// Decrypted bytes wait that epoll does not know of.
  virtual bool has_more() const = 0;
  /// Says goodbye, so that the peer can tell an end from a cut.
  virtual void close_notify() = 0;
};

class TlsServer {
 public:
  virtual ~TlsServer() = default;
  virtual std::unique_ptr<TlsSession> accept(int socket) = 0;
  /// The authority's certificate, PEM; removed when the server is.
  virtual const std::string& ca_file() const = 0;
};

/// A server whose certificate is good for localhost, 127.0.0.1, ::1 and `host`. Null with `problem`
/// set when it cannot be.
std::unique_ptr<TlsServer> make_tls_server(const std::string& host, std::string& problem);

}  // namespace mock

#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "sessionvitals/engine/fork.h"
#include "sessionvitals/engine/tls/tls.h"

/// What tls.h hides: OpenSSL's objects, and who owns them. Included by the
/// tls_*.cpp files only, which are the only ones here that know OpenSSL.
namespace sessionvitals::engine {

template <auto Free>
struct FreeWith {
  template <class Thing>
  void operator()(Thing* thing) const {
    Free(thing);
  }
};
template <class Thing, auto Free>
using Owned = std::unique_ptr<Thing, FreeWith<Free>>;

struct TlsContext::State {
  Owned<SSL_CTX, SSL_CTX_free> context;
  std::string trusted;  // the places the CAs came from, in words
};

struct TlsResumption::State {
  ForkSafeMutex mutex;
  Owned<SSL_SESSION, SSL_SESSION_free> session;
};

struct TlsSession::State {
  std::shared_ptr<TlsContext> context;
  std::shared_ptr<TlsResumption::State> resumption;
  Owned<SSL, SSL_free> ssl;
  std::string host;
  int descriptor = -1;
  bool may_block = false;
  int reads_left = 0;  // from the socket, in this turn
  int errno_of_socket = 0;
  bool names_no_host = false;  // the certificate, which is therefore nobody's
};

/// Returns OpenSSL's own words for what failed last in this thread.
std::string openssl_reason();

/// Keeps what a peer gives for a shorter handshake next time; OpenSSL calls it.
int keep_tls_session(SSL* ssl, SSL_SESSION* session);

}  // namespace sessionvitals::engine

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <cerrno>
#include <mutex>
#include <system_error>

#include "sessionvitals/engine/net/url.h"
#include "sessionvitals/engine/tls/state.h"

namespace sessionvitals::engine {
namespace {

// How often one read or step of a handshake receives from the socket. OpenSSL goes on for as long
// as bytes are there and none of them is for us: tickets, updates of keys, a record one byte at a
// time. A peer that sends such without an end would keep us from the deadline and from other calls.
constexpr int kReadsPerTurn = 64;

// OpenSSL's own socket BIO uses write(), which raises SIGPIPE; this one does
// not, and decides per call whether it may wait.

int write_to_socket(BIO* bio, const char* bytes, int size) {
  auto* state = static_cast<TlsSession::State*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  for (;;) {
    const ssize_t sent = ::send(state->descriptor, bytes, static_cast<std::size_t>(size),
                                MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return static_cast<int>(sent);
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      BIO_set_retry_write(bio);
    } else {
      state->errno_of_socket = errno;
    }
    return -1;
  }
}

int read_from_socket(BIO* bio, char* bytes, int size) {
  auto* state = static_cast<TlsSession::State*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (state->reads_left == 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  --state->reads_left;
  const auto size_there = static_cast<std::size_t>(size);
  ssize_t received = 0;
  if (state->may_block) {
    // Once a call: OpenSSL asks again until a record is whole, and a peer that sends one byte by
    // byte would keep us from the deadline.
    state->may_block = false;
    const ForkUnblocker waiting;
    received = ::recv(state->descriptor, bytes, size_there, 0);
  } else {
    received = ::recv(state->descriptor, bytes, size_there, MSG_DONTWAIT);
  }
  if (received >= 0) return static_cast<int>(received);
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
    BIO_set_retry_read(bio);
  } else {
    state->errno_of_socket = errno;
  }
  return -1;
}

long control_socket(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

BIO_METHOD* socket_method() {
  static BIO_METHOD* made = [] {
    BIO_METHOD* method =
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "sessionvitals socket");
    if (method == nullptr) return method;
    BIO_meth_set_write(method, write_to_socket);
    BIO_meth_set_read(method, read_from_socket);
    BIO_meth_set_ctrl(method, control_socket);
    return method;
  }();
  return made;
}

/// Notes whether a certificate of another host names any; OpenSSL calls it, and keeps none of a
/// certificate that does not verify.
int note_verification(int is_right, X509_STORE_CTX* context) {
  const int problem = X509_STORE_CTX_get_error(context);
  if (problem == X509_V_ERR_HOSTNAME_MISMATCH || problem == X509_V_ERR_IP_ADDRESS_MISMATCH) {
    const X509* certificate = X509_STORE_CTX_get_current_cert(context);
    const auto* ssl = static_cast<const SSL*>(
        X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx()));
    static_cast<TlsSession::State*>(SSL_get_app_data(ssl))->names_no_host =
        X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1) < 0;
  }
  return is_right;
}

/// What to say of a certificate that does not verify.
std::string describe(long problem, const TlsSession::State& state) {
  const std::string& host = state.host;
  const std::string trusted = "; trusted are those of " + state.context->state().trusted;
  switch (problem) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "The certificate of " + host +
             " has expired. Whoever runs the server must renew it; if it has not, check this "
             "machine's clock.";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "The certificate of " + host + " is not valid yet. Check this machine's clock.";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      if (state.names_no_host) {
        return "The certificate of " + host +
               " has no subjectAltName, and the common name in its subject does not count. Have it "
               "issued again with the host as a subjectAltName.";
      }
      return "The certificate is for another host than " + host +
             ". Check the host in the base URL.";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return "The certificate of " + host + " is self-signed" + trusted +
             ". Name it by ca_file= if you trust it.";
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return "The certificate of " + host + " is from an unknown CA" + trusted +
             ". Name your private CA by ca_file= or SSL_CERT_FILE.";
    default:
      return "The certificate of " + host + " does not verify (" +
             X509_verify_cert_error_string(problem) + ").";
  }
}

// What to do about a failure of TLS that is not the server's certificate's.
std::string advise(SSL* ssl, bool was_open) {
  const int reason = ERR_GET_REASON(ERR_peek_last_error());
  switch (reason) {
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
      // What TLS 1.2 says where a certificate was asked for and none was shown, among else.
      if (SSL_get0_peer_CA_list(ssl) == nullptr || SSL_get_certificate(ssl) != nullptr) break;
      [[fallthrough]];
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
      return SSL_get_certificate(ssl) == nullptr
                 ? " The server asks for a client certificate: give client_certificate_file=."
                 : " The server refuses the client certificate: check client_certificate_file=.";
    default:
      break;
  }
  return was_open ? "" : " Check that the port speaks TLS 1.2 or newer.";
}

}  // namespace

int keep_tls_session(SSL* ssl, SSL_SESSION* session) {
  auto* state = static_cast<TlsSession::State*>(SSL_get_app_data(ssl));
  if (state == nullptr || !state->resumption) return 0;
  Owned<SSL_SESSION, SSL_SESSION_free> before(session);
  const std::lock_guard lock(state->resumption->mutex);
  before.swap(state->resumption->session);
  return 1;
}

TlsResumption::TlsResumption() : state_(std::make_shared<State>()) {}

TlsResumption::~TlsResumption() {
  const ForkBlocker guard;
  state_.reset();
}

TlsSession::TlsSession(std::unique_ptr<State> state) : state_(std::move(state)) {}

TlsSession::~TlsSession() {
  const ForkBlocker guard;
  state_.reset();
}

Result<std::unique_ptr<TlsSession>> TlsSession::open(std::shared_ptr<TlsContext> context,
                                                     int descriptor, const std::string& host,
                                                     const TlsResumption* resumption) {
  const ForkBlocker guard;
  auto state = std::make_unique<State>();
  state->context = std::move(context);
  state->host = host;
  state->descriptor = descriptor;
  state->ssl.reset(SSL_new(state->context->state().context.get()));
  BIO* bio = BIO_new(socket_method());
  if (!state->ssl || bio == nullptr) {
    BIO_free(bio);
    return Error(ErrorKind::transport_error, Phase::tls, "OpenSSL is out of memory.");
  }
  SSL* ssl = state->ssl.get();
  BIO_set_data(bio, state.get());
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl, bio, bio);
  SSL_set_connect_state(ssl);
  SSL_set_app_data(ssl, state.get());
  SSL_set_verify(ssl, SSL_VERIFY_PEER, note_verification);
  if (is_numeric_address(host)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str());
  } else {
    // RFC 9525 s2: a name that stands in the subject alone proves nothing.
    SSL_set_hostflags(ssl,
                      X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    SSL_set1_host(ssl, host.c_str());
    SSL_set_tlsext_host_name(ssl, host.c_str());
  }
  if (resumption != nullptr) {
    state->resumption = resumption->state();
    Owned<SSL_SESSION, SSL_SESSION_free> session;
    {
      const std::lock_guard lock(state->resumption->mutex);
      // A ticket of TLS 1.3 is for one use (RFC 8446 appendix C.4).
      session.swap(state->resumption->session);
    }
    if (session && SSL_SESSION_is_resumable(session.get()) == 1) {
      SSL_set_session(ssl, session.get());
    }
  }
  return std::unique_ptr<TlsSession>(new TlsSession(std::move(state)));
}

Io TlsSession::judge(int result) {
  const int problem = SSL_get_error(state_->ssl.get(), result);
  switch (problem) {
    case SSL_ERROR_WANT_READ:
      return state_->reads_left == 0 ? Io::again : Io::wants_read;
    case SSL_ERROR_WANT_WRITE:
      return Io::wants_write;
    case SSL_ERROR_ZERO_RETURN:
      return Io::closed;
    default:
      describe_failure(problem);
      return Io::failed;
  }
}

void TlsSession::describe_failure(int problem) {
  const long verified = SSL_get_verify_result(state_->ssl.get());
  if (!is_open_ && verified != X509_V_OK) {
    error_ = describe(verified, *state_);
    is_final_ = true;
  } else if (problem == SSL_ERROR_SYSCALL ||
             ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    error_ = state_->errno_of_socket != 0 ? std::system_category().message(state_->errno_of_socket)
                                          : "the peer closed the connection without a TLS goodbye";
    if (!is_open_) {
      error_ = "TLS with " + state_->host + " was not set up (" + error_ +
               "). Check that the port speaks TLS.";
    }
  } else {
    const std::string advice = advise(state_->ssl.get(), is_open_);
    error_ = "TLS with " + state_->host + " failed (" + openssl_reason() + ")." + advice;
    // A peer that refuses us, or speaks no TLS, will do so again. TLS 1.3 refuses a client's
    // certificate after the client's handshake is over.
    is_final_ = !is_open_ || !advice.empty();
  }
}

Io TlsSession::handshake() {
  const ForkBlocker guard;
  ERR_clear_error();
  state_->reads_left = kReadsPerTurn;
  const int result = SSL_do_handshake(state_->ssl.get());
  is_open_ = result == 1;
  return is_open_ ? Io::done : judge(result);
}

Io TlsSession::write(const char* bytes, std::size_t size, std::size_t& moved) {
  const ForkBlocker guard;
  moved = 0;
  ERR_clear_error();
  state_->reads_left = kReadsPerTurn;
  const int result = SSL_write_ex(state_->ssl.get(), bytes, size, &moved);
  return result == 1 ? Io::done : judge(result);
}

Io TlsSession::read(char* bytes, std::size_t size, std::size_t& moved, bool may_block) {
  const ForkBlocker guard;
  moved = 0;
  ERR_clear_error();
  state_->may_block = may_block;
  state_->reads_left = kReadsPerTurn;
  const int result = SSL_read_ex(state_->ssl.get(), bytes, size, &moved);
  state_->may_block = false;
  return result == 1 ? Io::done : judge(result);
}

Io TlsSession::peek(char* bytes, std::size_t size, std::size_t& moved) {
  const ForkBlocker guard;
  moved = 0;
  ERR_clear_error();
  state_->reads_left = kReadsPerTurn;
  const int result = SSL_peek_ex(state_->ssl.get(), bytes, size, &moved);
  return result == 1 ? Io::done : judge(result);
}

bool TlsSession::has_pending() const { return SSL_has_pending(state_->ssl.get()) == 1; }

void TlsSession::send_close_notify() {
  // After a failure OpenSSL must not be asked for it.
  if (!error_.empty() || SSL_is_init_finished(state_->ssl.get()) != 1) return;
  const ForkBlocker guard;
  ERR_clear_error();
  SSL_shutdown(state_->ssl.get());
  ERR_clear_error();
}

std::string TlsSession::version() const {
  if (SSL_is_init_finished(state_->ssl.get()) != 1) return {};
  return SSL_get_version(state_->ssl.get());
}

}  // namespace sessionvitals::engine

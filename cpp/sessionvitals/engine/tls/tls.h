#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "sessionvitals/errors.h"
#include "sessionvitals/options.h"

/// TLS over a descriptor that somebody else owns and waits for. The only code
/// here that includes OpenSSL's headers. It verifies always, speaks 1.2 or
/// newer, never blocks, and never raises SIGPIPE.
namespace sessionvitals::engine {

/// What a read, a write or a handshake came to.
enum class Io {
  done,         // bytes have moved, or the handshake is over
  wants_read,   // again when the descriptor is readable
  wants_write,  // again when it is writable
  again,        // a turn is over while more may be there: again at once, after the others
  closed,       // the peer has closed in good order
  failed,       // see the error that goes with it
};

/// One way to set TLS up: the CAs to trust and the certificate to show. Made
/// once per process and setting, since loading a CA bundle takes 30 to 40 ms.
class TlsContext {
 public:
  struct State;

  /// Returns the process's context for these options; loads it on first use, or
  /// returns nullptr if another thread is loading one: ask again soon. Fails with a
  /// ConfigurationError that names every place that was tried.
  static Result<std::shared_ptr<TlsContext>> find_or_load(const TransportOptions& options);

  /// How often this process has loaded a set of CAs.
  static std::uint64_t loads();

  explicit TlsContext(std::unique_ptr<State> state);
  ~TlsContext();
  State& state() const { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

/// What a handshake leaves behind so that the next one to the same origin, with
/// the same options, is shorter. Safe to use from many threads.
class TlsResumption {
 public:
  TlsResumption();
  ~TlsResumption();
  struct State;
  const std::shared_ptr<State>& state() const { return state_; }

 private:
  std::shared_ptr<State> state_;
};

/// TLS on one connection.
class TlsSession {
 public:
  /// Prepares a handshake with the host over the descriptor. `resumption` may
  /// be nullptr. Fails with a TransportError if OpenSSL is out of memory.
  static Result<std::unique_ptr<TlsSession>> open(std::shared_ptr<TlsContext> context,
                                                  int descriptor, const std::string& host,
                                                  const TlsResumption* resumption);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  /// Goes on with the handshake. After `failed` see error().
  Io handshake();

  /// Writes up to `size` bytes; `moved` says how many were taken.
  Io write(const char* bytes, std::size_t size, std::size_t& moved);

  /// Reads up to `size` bytes. With may_block it waits once, for as long as the
  /// descriptor's own receive timeout allows; a record that comes in more pieces
  /// than one is `wants_read` after that.
  Io read(char* bytes, std::size_t size, std::size_t& moved, bool may_block);

  /// As read, and leaves the bytes to be read again. `wants_read` if there is
  /// nothing but, at most, what TLS itself has to say (a session ticket).
  Io peek(char* bytes, std::size_t size, std::size_t& moved);

  /// Returns true if bytes of the peer are kept inside TLS, where poll() does not see them: those
  /// of a record that was read in part, or a record that is not whole yet.
  bool has_pending() const;

  /// Says goodbye, without waiting for an answer.
  void send_close_notify();

  std::string version() const;  // "TLSv1.3"; empty before the handshake is over

  /// What went wrong, and what to do about it.
  const std::string& error() const { return error_; }

  /// The next attempt would end the same way: a certificate of either side, or no TLS.
  bool is_final() const { return is_final_; }

  struct State;

 private:
  explicit TlsSession(std::unique_ptr<State> state);
  Io judge(int result);
  void describe_failure(int problem);

  std::unique_ptr<State> state_;
  std::string error_;
  bool is_open_ = false;  // our handshake is over; OpenSSL forgets it at a fatal error
  bool is_final_ = false;
};

/// Returns the name and version of the TLS library that is loaded.
std::string tls_library_version();

/// Returns whether that library is part of this one, and heeds no openssl.cnf.
bool is_tls_library_bundled();

}  // namespace sessionvitals::engine

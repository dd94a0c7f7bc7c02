#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "sessionvitals/context.h"
#include "sessionvitals/engine/tls/tls.h"
#include "sessionvitals/shared_text.h"

/// One connection to a peer: a socket that is ours, with or without TLS on it.
/// It moves bytes and never waits for more than its socket's receive timeout; it
/// knows no HTTP.
namespace sessionvitals::engine {

class Connection {
 public:
  /// Takes over a connected socket, which register_socket knows of. `address` is what the report
  /// calls it.
  Connection(int descriptor, std::string address);

  /// Closes the socket; says goodbye first on TLS. In a forked child it does
  /// neither: the socket is closed there already (fork.h), and a goodbye would
  /// end the parent's session.
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Puts TLS, whose handshake may still be ahead, between the socket and us.
  void set_tls(std::unique_ptr<TlsSession> tls) { tls_ = std::move(tls); }
  TlsSession* tls() const { return tls_.get(); }

  /// Sends up to `size` bytes; `moved` says how many were taken. Never blocks.
  Io send(const char* bytes, std::size_t size, std::size_t& moved);

  /// Receives up to `size` bytes. Without may_block it never blocks; with it,
  /// for 50 ms at most (kBlock), and then says wants_read.
  Io receive(char* bytes, std::size_t size, std::size_t& moved, bool may_block);
  static constexpr std::chrono::milliseconds kBlock{50};

  /// Has the kernel ask a silent peer whether it is still there.
  void keep_alive() const;

  /// Returns true if bytes have been received that no receive() has given yet. Without TLS they are
  /// in the socket, where check_idle() finds them.
  bool has_unread() const { return tls_ && tls_->has_pending(); }

  /// What an idle connection is good for.
  enum class Idle {
    reusable,  // open as far as can be seen, of this process, and with nothing to read
    ended,     // closed, broken, of another process; or a 408, which a server that
               // closes it may say first (RFC 9110 s15.5.9)
    speaks,    // has sent what nobody asked for, and would be taken for the next answer
  };
  Idle check_idle();

  int descriptor() const { return descriptor_; }

  /// A number that no other connection of the process has or had; from 1.
  std::uint64_t serial() const { return serial_; }
  const SharedText& address() const { return address_; }
  const SharedText& tls_version() const { return tls_version_; }
  void note_tls_version() { tls_version_ = tls_ ? SharedText(tls_->version()) : SharedText(); }

  /// What went wrong, after `failed`.
  std::string error() const;

  Clock::time_point idle_since{};  // the pool's, as is the next one
  bool is_seen_quiet = false;      // by a Pool::Look that has not ended

 private:
  Io from_errno();

  int descriptor_;
  std::uint64_t serial_;
  std::uint32_t generation_;
  int errno_ = 0;
  SharedText address_;
  SharedText tls_version_;
  std::unique_ptr<TlsSession> tls_;
};

}  // namespace sessionvitals::engine

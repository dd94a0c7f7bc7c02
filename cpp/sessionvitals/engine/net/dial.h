#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sessionvitals/engine/drivers/wait.h"
#include "sessionvitals/engine/net/connection.h"
#include "sessionvitals/engine/net/proxy.h"
#include "sessionvitals/engine/net/resolver.h"
#include "sessionvitals/engine/net/url.h"
#include "sessionvitals/report.h"

/// From nothing to a connection that can carry a request: name, connect, proxy,
/// TLS. A state machine that never waits; whoever drives it does.
namespace sessionvitals::engine {

/// Where to, and by which way. Lives as long as the pool that dials.
struct Route {
  Url url;
  std::optional<Proxy> proxy;
  TransportOptions options;
};

class Dial {
 public:
  enum class Progress { waiting, connected, failed };

  /// The deadline decides how soon the next address is tried beside those that do not answer; who
  /// drives the dial keeps it.
  Dial(const Route& route, const TlsResumption* resumption, Clock::time_point deadline);
  ~Dial();
  Dial(const Dial&) = delete;
  Dial& operator=(const Dial&) = delete;

  /// Goes as far as it can without waiting. After `waiting`, `waiting` says
  /// what for; after `connected`, take() has the connection; after `failed`,
  /// error() says why, in phase().
  Progress step(Clock::time_point now, WaitSet& waiting);

  std::unique_ptr<Connection> take() { return std::move(connection_); }

  Phase phase() const { return phase_; }

  /// The address in hand, or the last one tried; empty before connect.
  const std::string& address() const { return address_; }
  const std::string& error() const { return error_; }

  /// Trying again would end the same way: a certificate that does not verify, a
  /// proxy that wants a password, CAs that cannot be loaded.
  bool is_final() const { return is_final_; }

  // RFC 8305 s5: how long an address has before the next one is tried beside it, if the deadline
  // leaves as long to each; else less, and never less than the RFC's least.
  static constexpr std::chrono::milliseconds kStagger{250};
  static constexpr std::chrono::milliseconds kShortestStagger{10};

 private:
  struct Attempt {
    int descriptor;
    std::size_t address;  // its index
  };

  Progress resolve(Clock::time_point now, WaitSet& waiting);
  Progress connect(Clock::time_point now, WaitSet& waiting);
  Progress open_tunnel(WaitSet& waiting);
  Progress handshake(WaitSet& waiting);
  Progress begin_tls(WaitSet& waiting);
  Progress fail(std::string error);
  void begin_attempt(std::size_t address);
  void note_failure(std::size_t address, int problem);
  Progress settle(const Attempt& winner, WaitSet& waiting);
  Progress read_tunnel_answer(WaitSet& waiting);
  std::string describe_target() const;

  const Route& route_;
  const std::uint32_t generation_;
  const TlsResumption* resumption_;
  const Clock::time_point deadline_;
  Phase phase_ = Phase::resolve;
  std::unique_ptr<Lookup> lookup_;
  std::vector<Address> addresses_;
  std::size_t next_ = 0;  // of addresses_, the first not tried yet
  Clock::duration stagger_ = kStagger;
  Clock::time_point stagger_end_{};
  std::vector<Attempt> attempts_;  // connecting now, the oldest first
  std::string failures_;           // "127.0.0.1:1: Connection refused", in words
  bool is_out_of_files_ = false;   // this process may open no more
  std::unique_ptr<Connection> connection_;
  std::string buffer_;  // the tunnel's request, then its answer
  std::size_t sent_ = 0;
  bool is_tunnel_sent_ = false;
  std::string address_;
  std::string error_;
  bool is_final_ = false;
};

}  // namespace sessionvitals::engine

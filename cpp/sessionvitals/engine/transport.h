#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "sessionvitals/context.h"
#include "sessionvitals/effect.h"
#include "sessionvitals/errors.h"
#include "sessionvitals/http.h"
#include "sessionvitals/options.h"
#include "sessionvitals/report.h"

namespace sessionvitals::engine {

class Call;

/// How often, and what, may be sent again (retry.h decides), and how long an answer may be.
struct CallPolicy {
  int max_retries = kDefaultMaxRetries;
  Effect effect = Effect::once;
  bool resend_unsafe = false;                  // treat an effect of once as idempotent
  std::size_t body_limit = kDefaultBodyLimit;  // in bytes; a longer body is a ContractError

  /// A request that may not be sent again takes no connection that has been idle for
  /// longer: servers and load balancers close those when they please, and a handshake
  /// costs less than not to know what became of the request.
  static constexpr std::chrono::seconds kMaxIdleForOnce{1};

  /// True if the request may be sent again after a byte of it may have left.
  bool may_resend() const { return effect != Effect::once || resend_unsafe; }
};

/// What a pool of connections is doing at one moment, and what it has done.
struct PoolStatistics {
  std::string origin;
  std::size_t idle = 0;
  std::size_t leased = 0;   // carrying an exchange, or being opened
  std::size_t waiting = 0;  // calls in the queue
  std::uint64_t opened = 0;
  std::uint64_t reused = 0;
  std::uint64_t stale = 0;  // idle ones found closed, too old or with unread bytes
};

/// Carries requests to one origin. The only thing here that does I/O.
///
/// It knows hosts and no vendors: any complete response is a success, a 404 or
/// a 500 included, because what a status means is the provider's to say.
/// Retries follow from the call's effect and the HTTP status alone.
///
/// Safe to use from many threads at once, and across fork. All transports of
/// the process with the same origin and options share one pool of connections.
class Transport {
 public:
  /// Prepares the way to base_url: "https://api.example.com/v2", with "http"
  /// or "https" and, if wanted, a port and a path prefix. Opens nothing yet.
  /// Fails with a ConfigurationError that says what is wrong with the URL or
  /// the options.
  static Result<std::shared_ptr<const Transport>> open(const std::string& base_url,
                                                       const TransportOptions& options);
  virtual ~Transport() = default;

  /// What its pool is doing; the pool may be shared with other transports.
  virtual PoolStatistics statistics() const = 0;

  /// Sends the request and waits for the whole response, within the context.
  /// Writes what was tried to `report` in every case. Fails with a
  /// TransportError, DeadlineExceeded, CallCancelled or ContractError.
  ///
  /// TransportError and ContractError tell apart what the peer did wrong: an answer that ends
  /// before it is whole is a TransportError in the phase receive, and may be tried again; one that
  /// is not HTTP/1.x, or is past the bounds of head.h and message_reader.h, is a ContractError, and
  /// is not. A request that cannot be sent as it is is a ConfigurationError.
  virtual Result<Response> send(const Request& request, const CallPolicy& policy,
                                const Context& context, CallReport& report) const = 0;

  /// How many connections the pool may hold.
  virtual std::size_t max_connections() const = 0;

  /// Begins the same call for a driver of many (reactor.h) to move. The
  /// transport, the request and the report must outlive it.
  virtual std::unique_ptr<Call> begin(const Request& request, const CallPolicy& policy,
                                      Clock::time_point deadline, CallReport& report) const = 0;
};

}  // namespace sessionvitals::engine

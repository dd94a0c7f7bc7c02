#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "sessionvitals/context.h"
#include "sessionvitals/engine/call/call.h"
#include "sessionvitals/engine/call/retry.h"
#include "sessionvitals/engine/net/pool.h"
#include "sessionvitals/errors.h"
#include "sessionvitals/http.h"
#include "sessionvitals/options.h"
#include "sessionvitals/report.h"

namespace sessionvitals::engine {

/// Sends requests to one base URL over a pool of connections. What a client uses
/// that was given no transport of the user's own (transport.h).
///
/// It knows hosts and no vendors: any complete response is a success, a 404 or
/// a 500 included, because what a status means is the provider's to say.
/// Retries follow from the call's effect and the HTTP status alone.
///
/// Safe to use from many threads at once, and across fork. All transports of
/// the process with the same origin and options share one pool of connections.
class PoolTransport {
 public:
  /// Prepares the way to base_url: "https://api.example.com/v2", with "http"
  /// or "https" and, if wanted, a port and a path prefix. Opens nothing yet.
  /// Fails with a ConfigurationError that says what is wrong with the URL or
  /// the options.
  static Result<std::shared_ptr<const PoolTransport>> open(const std::string& base_url,
                                                           const TransportOptions& options);

  PoolTransport(const Url& url, std::shared_ptr<Pool> pool, std::shared_ptr<RateLimitGate> gate);

  /// Sends the request and waits for the whole response, within the context.
  /// Writes what was tried to `report` in every case. Fails with a
  /// TransportError, DeadlineExceeded, CallCancelled or ContractError.
  ///
  /// TransportError and ContractError tell apart what the peer did wrong: an answer that ends
  /// before it is whole is a TransportError in the phase receive, and may be tried again; one that
  /// is not HTTP/1.x, or is past the bounds of head.h and message_reader.h, is a ContractError, and
  /// is not. A request that cannot be sent as it is is a ConfigurationError.
  Result<Response> send(const Request& request, const CallPolicy& policy, const Context& context,
                        CallReport& report) const;

  /// Begins the same call for a driver of many (reactor.h) to move. The
  /// transport, the request and the report must outlive it.
  std::unique_ptr<Call> begin(const Request& request, const CallPolicy& policy,
                              Clock::time_point deadline, CallReport& report) const;

  /// Looks at once at the connections that the next calls will take. It is to end when those that
  /// are sent now have been moved.
  Pool::Look look_at_idle(std::size_t calls) const { return {*endpoint_.pool, calls}; }

  /// What its pool is doing; the pool may be shared with other transports.
  PoolStatistics statistics() const { return endpoint_.pool->statistics(); }

  /// When its gate opens; in the past if it is open.
  Clock::time_point opens() const { return endpoint_.gate->opens(); }

  /// How many connections the pool may hold.
  std::size_t max_connections() const { return endpoint_.pool->max_connections(); }

 private:
  const Endpoint endpoint_;
};

}  // namespace sessionvitals::engine

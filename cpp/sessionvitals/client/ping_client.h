#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sessionvitals/client/client.h"
#include "sessionvitals/providers/ping.h"
#include "sessionvitals/providers/ping_limits.h"
#include "sessionvitals/streams/ping_events.h"

namespace sessionvitals {

struct PingOptions {
  std::optional<std::string> api_key = {};   // default: PING_API_KEY
  std::string authorization_scheme = {};     // "raw", also if empty, or "bearer"
  std::optional<std::string> base_url = {};  // default: PING_BASE_URL, then production
  TransportOptions transport = {};
  std::shared_ptr<const Transport> custom_transport = {};  // see transport.h
  CallOptions call = {};
};

/// Asks Ping Network.
class PingClient : public Client {
 public:
  explicit PingClient(PingOptions options = {})
      : Client(providers::ping, {.key = std::move(options.api_key),
                                 .auth_scheme = std::move(options.authorization_scheme),
                                 .base_url = std::move(options.base_url),
                                 .transport = std::move(options.transport),
                                 .custom_transport = std::move(options.custom_transport),
                                 .call = std::move(options.call)}) {}

  /// Returns what the session is doing and has used. Fails with any error of
  /// errors.h; NotFoundError for a session that Ping does not know.
  Result<PingSessionStatus> session_status(std::string_view session_id,
                                           const CallOptions& options = {}) const {
    return call(ping::kSessionStatus, {std::string(session_id)}, options);
  }

  /// Returns the places where sessions can run. Fails with any error of errors.h.
  Result<Page<PingZone>> list_zones(const CallOptions& options = {}) const {
    return call(ping::kListZones, {}, options);
  }

  /// Makes a session. Keep the answer: no call gives its configuration again, or finds a
  /// session whose answer was lost. Fails with any error of errors.h; NotFoundError for a
  /// zone that Ping does not know.
  Result<PingSession> create_session(const PingNewSession& session,
                                     const CallOptions& options = {}) const {
    return call(ping::kCreateSession, session, options);
  }

  /// Pauses a session that is reusable. Fails with any error of errors.h; BadRequestError
  /// for one that is not reusable or is paused already.
  Result<PingPause> pause_session(std::string_view session_id,
                                  const CallOptions& options = {}) const {
    return call(ping::kPauseSession, {std::string(session_id)}, options);
  }

  /// Resumes a session that is paused. Fails as pause_session() does.
  Result<PingPause> resume_session(std::string_view session_id,
                                   const CallOptions& options = {}) const {
    return call(ping::kResumeSession, {std::string(session_id)}, options);
  }

  /// Return the limits of the account: of all of it, of each client, of each session. Fail
  /// with any error of errors.h; NotFoundError if there are none.
  Result<PingLimits> get_global_limits(const CallOptions& options = {}) const {
    return call(ping::kGetGlobalLimits, {}, options);
  }
  Result<PingLimits> get_client_limits(const CallOptions& options = {}) const {
    return call(ping::kGetClientLimits, {}, options);
  }
  Result<PingLimits> get_session_limits(const CallOptions& options = {}) const {
    return call(ping::kGetSessionLimits, {}, options);
  }

  /// Change the limits that are given, and return all of them. Fail as get_global_limits()
  /// does, and with a ConfigurationError if none is given or one is negative.
  Result<PingLimits> update_global_limits(const PingLimitsChange& change,
                                          const CallOptions& options = {}) const {
    return call(ping::kUpdateGlobalLimits, change, options);
  }
  Result<PingLimits> update_client_limits(const PingClientLimitsChange& change,
                                          const CallOptions& options = {}) const {
    return call(ping::kUpdateClientLimits, change, options);
  }
  Result<PingLimits> update_session_limits(const PingLimitsChange& change,
                                           const CallOptions& options = {}) const {
    return call(ping::kUpdateSessionLimits, change, options);
  }

  /// Delete the limits. Fail as get_global_limits() does.
  Result<NoContent> delete_global_limits(const CallOptions& options = {}) const {
    return call(ping::kDeleteGlobalLimits, {}, options);
  }
  Result<NoContent> delete_client_limits(const CallOptions& options = {}) const {
    return call(ping::kDeleteClientLimits, {}, options);
  }
  Result<NoContent> delete_session_limits(const CallOptions& options = {}) const {
    return call(ping::kDeleteSessionLimits, {}, options);
  }

  /// Returns what the account's sessions do, as it happens; see ping_events.h.
  EventStream<PingEvent> events(StreamOptions options = {}) const {
    return open_ping_events(*this, std::move(options));
  }

  /// Returns a client that differs in the options that are set.
  PingClient with_options(const CallOptions& options) const { return view_of(*this, options); }
};

}  // namespace sessionvitals

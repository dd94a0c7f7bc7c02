#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sessionvitals/client/client.h"
#include "sessionvitals/providers/ping.h"

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
                                 .credential_style = std::move(options.authorization_scheme),
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

  /// Returns a client that differs in the options that are set.
  PingClient with_options(const CallOptions& options) const { return view_of(*this, options); }
};

}  // namespace sessionvitals

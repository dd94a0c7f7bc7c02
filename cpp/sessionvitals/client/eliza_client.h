#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sessionvitals/client/client.h"
#include "sessionvitals/providers/eliza.h"

namespace sessionvitals {

struct ElizaOptions {
  std::optional<std::string> api_key = {};   // default: ELIZA_API_KEY, then none
  std::optional<std::string> base_url = {};  // default: ELIZA_BASE_URL, then http://localhost:3000
  TransportOptions transport = {};
  std::shared_ptr<const Transport> custom_transport = {};  // see transport.h
  CallOptions call = {};
};

/// Asks an elizaOS server.
class ElizaClient : public Client {
 public:
  explicit ElizaClient(ElizaOptions options = {})
      : Client(providers::eliza, {.key = std::move(options.api_key),
                                  .base_url = std::move(options.base_url),
                                  .transport = std::move(options.transport),
                                  .custom_transport = std::move(options.custom_transport),
                                  .call = std::move(options.call)}) {}

  /// Returns the session, with its expiry and the time left. Fails with any
  /// error of errors.h; NotFoundError and SessionExpiredError both mean that
  /// the session is gone.
  Result<ElizaSession> get_session(std::string_view session_id,
                                   const CallOptions& options = {}) const {
    return call(eliza::kGetSession, {std::string(session_id)}, options);
  }

  /// Returns a client that differs in the options that are set.
  ElizaClient with_options(const CallOptions& options) const { return view_of(*this, options); }
};

}  // namespace sessionvitals

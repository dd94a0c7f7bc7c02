#pragma once

#include <memory>
#include <string>

#include "sessionvitals/context.h"
#include "sessionvitals/engine/call/gate.h"
#include "sessionvitals/engine/call/retry.h"
#include "sessionvitals/engine/net/url.h"
#include "sessionvitals/transport.h"

/// One call over a user's own transport, in the caller's thread: attempts, waits and
/// report by the same rules as call.h.
namespace sessionvitals::engine {

/// Where the calls of one client go, and how.
struct CustomEndpoint {
  CustomEndpoint(const Url& url, std::shared_ptr<const Transport> own_transport);

  std::string origin;
  std::string target_prefix;
  std::shared_ptr<const Transport> transport;
  std::shared_ptr<RateLimitGate> gate;
};

/// Sends the request and waits for the whole response. Writes what was tried to
/// `report`, and fails, as PoolTransport::send() does.
Result<Response> send_over(const CustomEndpoint& endpoint, const Request& request,
                           const CallPolicy& policy, const Context& context, CallReport& report);

}  // namespace sessionvitals::engine

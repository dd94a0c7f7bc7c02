#pragma once

#include <memory>
#include <optional>
#include <string>

#include "sessionvitals/client/client.h"
#include "sessionvitals/engine/transport.h"

/// What a client is inside, and what it makes of a call's options: all that the
/// engine needs besides the request. Private to client.cpp and bulk.cpp.
namespace sessionvitals {

/// What a client and all its views have in common.
struct Client::Shared {
  const Provider* provider;
  Credential credential;
  std::string base_url;
  std::shared_ptr<const engine::Transport> transport;  // nullptr if the client is misconfigured
};

struct Client::Plan {
  engine::RetryPolicy policy;
  Clock::time_point deadline;
  std::optional<CancelToken> cancel;
  bool (*is_interrupted)() = nullptr;
};

}  // namespace sessionvitals

#pragma once

#include <memory>
#include <optional>
#include <string>

#include "sessionvitals/client/client.h"
#include "sessionvitals/engine/transport.h"

/// What a client is inside, and what it makes of one question: all that the
/// engine needs to carry it. Private to client.cpp and bulk.cpp.
namespace sessionvitals {

/// What a client and all its views have in common.
struct Client::Shared {
  const Provider* provider;
  Credential credential;
  std::string base_url;
  std::shared_ptr<const engine::Transport> transport;  // nullptr if the client is misconfigured

  /// What the provider's probe.build() wrote for some plain id, with that id taken
  /// out of its target. No target: its requests differ in more than the id.
  Request prototype;
  std::size_t id_at = 0;
};

struct Client::Plan {
  Request request;
  engine::RetryPolicy policy;
  Clock::time_point deadline;
  std::optional<CancelToken> cancel;
  bool (*is_interrupted)() = nullptr;
};

}  // namespace sessionvitals

#pragma once

#include <optional>

#include "sessionpulse/client.h"
#include "sessionpulse/engine/transport.h"

/// What a client has made of one question: all that the engine needs to carry
/// it. Private to client.cpp and bulk.cpp.
namespace sessionpulse {

struct Client::Plan {
  Request request;
  engine::RetryPolicy policy;
  Clock::time_point deadline;
  std::optional<CancelToken> cancel;
  bool (*is_interrupted)() = nullptr;
};

}  // namespace sessionpulse

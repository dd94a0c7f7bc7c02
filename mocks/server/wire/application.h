// What the loop asks of the mock: an answer to a request, as a plan for the wire.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "values/http.h"
#include "wire/wire_plan.h"

namespace mock {

/// What the application keeps of a request that it has not answered yet.
struct PendingAnswer {
  virtual ~PendingAnswer() = default;
};

/// What is known of a request between the attempts to answer it.
struct RequestState {
  std::int64_t asked_at = 0;  // monotonic milliseconds of the first attempt
  int attempts = 0;
  bool by_deadline = false;  // this attempt is made because the wait is over
  std::unique_ptr<PendingAnswer> pending = nullptr;
};

struct Reply {
  WirePlan plan = {};
  /// Set: no answer yet. The loop asks again when Application::changed() was seen, or at this
  /// monotonic millisecond.
  std::optional<std::int64_t> wait_until = std::nullopt;
  bool wait_for_change = false;
};

class Application {
 public:
  virtual ~Application() = default;
  virtual Reply answer(const Request& request, RequestState& state) = 0;
  /// True once after something happened that a waiting request may wait for.
  virtual bool changed() = 0;
  /// What happens to a new connection before anything is read, when a fault is set for it.
  virtual std::optional<WirePlan> on_accept() = 0;
  /// A refusal by the parser of requests: no space is known, so it is bare. [wire: elizaOS's form
  /// G]
  virtual WirePlan refuse(int http_status) = 0;
  /// How many connections are open now, whenever that changes.
  virtual void note_connections(std::size_t) {}
};

/// The loop's clock: milliseconds that only go forward.
std::int64_t monotonic_now();

}  // namespace mock

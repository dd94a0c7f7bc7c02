// One request to a vendor between the attempts to answer it. Private to the mock.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "faults/stream.h"
#include "mock.h"
#include "recording/response_source.h"

namespace mock {

/// Its number, its draws, its fault.
struct Mock::VendorRequest final : PendingAnswer {
  VendorRequest(Space& space, std::int64_t asked_at)
      : number(space.requests++),
        random(space.seed(), space.name(), number),
        source{.asked_at = asked_at} {}
  ~VendorRequest() override {
    if (on_lost) on_lost();
  }

  std::uint64_t number;
  Random random;
  std::optional<Fault> fault;
  std::unique_ptr<StreamFault> stream_fault;
  std::int64_t delay = 0;
  bool is_admitted = false;  // past the key and the limit: only its handler is called again
  std::optional<LimitState> limit;
  bool is_recorded = false;
  bool is_begun = false;  // the head is sent
  Progress progress;
  SourceState source;
  // Records it if its client has gone before it was answered: it came all the same.
  std::function<void()> on_lost;
};

}  // namespace mock

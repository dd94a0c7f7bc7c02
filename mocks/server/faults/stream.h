// What a fault does to a stream of server-sent events, once so many of them are sent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "faults/faults.h"
#include "values/http.h"

namespace mock {

/// The harm that one fault does to one stream. It needs the fault's `events`.
class StreamFault {
 public:
  explicit StreamFault(Fault fault) : fault_(std::move(fault)) {}

  /// Harms the next piece of the stream, which holds whole events. Returns how the stream ends
  /// behind that piece if the fault ends it; else nothing.
  std::optional<WirePlan::Ending> harm(Answer& piece);

 private:
  bool is_ended() const;
  void add(std::string_view event, std::string& body);

  Fault fault_;
  std::int64_t events_ = 0;  // that the vendor has sent so far
  std::string held_;         // reorder: goes behind the next event
  bool is_done_ = false;
};

}  // namespace mock

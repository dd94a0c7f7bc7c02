// What a connection is to do for one answer: bytes, with pauses, and how it ends. Every fault is
// one of these, so that the connection knows nothing of faults.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mock {

struct WirePlan {
  struct Step {
    std::int64_t pause;  // milliseconds of real time before the bytes
    std::string bytes;
  };
  enum class Ending {
    keep,   // the connection takes the next request
    close,  // FIN, after what was sent
    reset,  // RST
    stall,  // nothing more, until the client goes or `stall` is over
    more,   // the answer goes on: the application is asked again
  };

  std::vector<Step> steps;
  Ending ending = Ending::keep;
  std::int64_t stall = 0;  // milliseconds; 0: as long as the client stays
  std::size_t piece = 0;   // bytes sent at once; 0: as many as the kernel takes
  std::int64_t every = 0;  // milliseconds of real time between two pieces
  // The connection is reset when the client leaves more than so many bytes unread; 0: never.
  std::size_t max_unread = 0;
};

}  // namespace mock

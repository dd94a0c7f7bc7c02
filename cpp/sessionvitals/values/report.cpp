#include "sessionvitals/report.h"

#include <array>

namespace sessionvitals {

std::string_view phase_name(Phase phase) {
  constexpr std::array<std::string_view, 9> kNames = {"queue", "resolve", "connect", "proxy", "tls",
                                                      "send",  "receive", "done",    "wait"};
  return kNames[static_cast<std::size_t>(phase)];
}

}  // namespace sessionvitals

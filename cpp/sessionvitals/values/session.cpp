#include "sessionvitals/session.h"

#include <array>

namespace sessionvitals {

std::string_view state_name(SessionState state) {
  constexpr std::array<std::string_view, 7> kNames = {"active",    "pending", "ended",  "expired",
                                                      "not_found", "denied",  "unknown"};
  return kNames[static_cast<std::size_t>(state)];
}

}  // namespace sessionvitals

#pragma once

#include <string>

namespace sessionvitals {

/// One event of a stream of server-sent events (WHATWG HTML s9.2), as bytes: valid
/// UTF-8 only if the server sent it.
struct ServerSentEvent {
  std::string type;  // "message" where the server names none
  std::string data;  // its lines joined by "\n"
  std::string id;    // the last one sent so far, by this event or an earlier one; empty: none

  bool operator==(const ServerSentEvent&) const = default;
};

}  // namespace sessionvitals

#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sessionvitals/context.h"
#include "sessionvitals/errors.h"
#include "sessionvitals/result.h"
#include "sessionvitals/session.h"
#include "sessionvitals/timestamp.h"

/// What a watch leaves to a later one, as JSON:
///
///     {"v":1,"kind":"watch","provider":"ping","origin":"https://...","at":"...Z",
///      "sessions":{"s-1":{"state":"active","theirs":"connected","expires_in":null}},
///      "last_event_id":null}
///
/// A session whose first change was not taken has the state null. Pure.
namespace sessionvitals {

struct WatchTokenSession {
  std::string id;
  std::optional<SessionState> state;
  std::string theirs;                // the provider's word
  std::optional<double> expires_in;  // seconds, from `at`
};

struct WatchToken {
  std::string provider;
  std::string origin;
  Timestamp at;
  std::vector<WatchTokenSession> sessions;
};

std::string write_watch_token(const WatchToken& token);

/// Fails with a ConfigurationError for what is no token of this version, or is another
/// provider's or origin's.
Result<WatchToken> read_watch_token(const std::string& text, const std::string& provider,
                                    const std::string& origin);

}  // namespace sessionvitals

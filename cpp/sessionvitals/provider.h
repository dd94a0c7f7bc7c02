#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sessionvitals/errors.h"
#include "sessionvitals/operation.h"
#include "sessionvitals/session.h"
#include "sessionvitals/stream.h"

namespace sessionvitals {

/// One word a provider has for a state, and ours for it.
struct StateMapping {
  std::string_view theirs;
  SessionState ours;
};

/// How a vendor is looked at by a watch that is told nothing else.
struct LookRules {
  std::chrono::milliseconds after_change{1000};  // to the next look; longer while nothing changes
  double rate = 20;                              // looks a second, of one client
  std::size_t at_once = 64;                      // looks in flight, of one client
  // Each look may cost, so its caller says how often there is one: at least so much apart, for
  // one session and for many.
  std::optional<std::chrono::seconds> least_every = {};
  std::optional<std::chrono::seconds> least_every_of_many = {};
};

/// What an event of a vendor's stream tells a watch: that it should look at a session.
struct Hint {
  std::int64_t id = 0;  // of the event: one that came before says nothing
  std::string session_id;
  bool is_alive = false;  // the session goes on; otherwise something has happened to it
};

/// One vendor's API, as data: where it is, how to ask it and how to read its
/// answer. A visible list, all_providers(), names them; nothing registers itself.
struct Provider {
  std::string_view name;                 // "ping"
  std::string_view default_base_url;     // production's
  std::string_view sandbox_base_url;     // empty: the vendor documents none
  std::string_view base_url_variable;    // "PING_BASE_URL"
  std::string_view credential_name;      // what the argument is called: "api_key"
  std::string_view credential_variable;  // "PING_API_KEY"
  bool credential_required;
  std::span<const std::string_view> credential_styles;  // the first is the default
  std::span<const StateMapping> state_map;              // every word it documents for a state

  /// Returns what is wrong with a credential, if it cannot be sent. Pure.
  std::optional<Error> (*check)(const Credential& credential);

  /// Asks for one session's state. What the vendor may properly say of a session,
  /// "no such session" included, is a Session.
  Operation<SessionId, Session> probe;

  /// Fills in what a session's detail says of it, beyond its id and state, so that many
  /// sessions can be kept as their details; nullptr where a detail is not enough. Pure.
  void (*fill_in)(Session& session) = nullptr;

  LookRules looks = {};

  /// Asks for all live sessions at once; nullptr where a vendor has no such call.
  const Operation<NoQuestion, Page<Session>>* list = nullptr;

  /// The stream of what all sessions of the account do; nullptr where a vendor has none.
  const Stream<NoQuestion, Hint>* hints = nullptr;
};

/// Returns all of them, in alphabetical order.
std::span<const Provider* const> all_providers();

/// Returns the one of that name, or nullptr.
const Provider* find_provider(std::string_view name);

}  // namespace sessionvitals

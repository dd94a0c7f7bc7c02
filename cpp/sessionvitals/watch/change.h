#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "sessionvitals/errors.h"
#include "sessionvitals/session.h"
#include "sessionvitals/timestamp.h"

/// What a watch tells of a session.
namespace sessionvitals {

enum class ChangeReason {
  first,      // the session as it was found
  changed,    // its state, or the provider's word for it, is another one
  final,      // the same, and it is not followed any more
  trouble,    // it could not be looked at for some time, and `error` says why
  recovered,  // it can be looked at again
};

/// Returns the reason's name, as it is spelled above.
std::string_view reason_name(ChangeReason reason);

struct Change {
  std::string session_id;
  std::optional<Session> before;  // none if the session had not been seen before
  Session after;  // of a trouble: as it was seen last; of state unknown if it never was
  ChangeReason reason = ChangeReason::first;
  // Between `before` and `after` was a gap in which more may have happened. False does not
  // promise that nothing did: a state that is shorter than the time between looks is not seen.
  bool missed = false;
  // Expired, if the provider no longer knows the session and its known end had passed.
  std::optional<SessionState> inferred;
  Timestamp observed_at;  // by this machine's clock
  std::optional<Error> error;
};

/// A set of states.
class StateSet {
 public:
  constexpr StateSet() = default;
  constexpr StateSet(std::initializer_list<SessionState> states) {
    for (const SessionState state : states) add(state);
  }

  constexpr void add(SessionState state) { bits_ |= bit(state); }
  constexpr bool contains(SessionState state) const { return (bits_ & bit(state)) != 0; }
  constexpr bool is_empty() const { return bits_ == 0; }

 private:
  static constexpr std::uint32_t bit(SessionState state) {
    return std::uint32_t{1} << static_cast<unsigned>(state);
  }

  std::uint32_t bits_ = 0;
};

/// The states after which no other is expected; `unknown` is none of them.
inline constexpr StateSet kFinal{SessionState::ended, SessionState::expired,
                                 SessionState::not_found, SessionState::denied};

}  // namespace sessionvitals

// Sessions as people write them, in scenario files and admin calls, to sessions in a space and
// back.
#pragma once

#include <string>

#include "sandbox/space.h"

namespace mock {

/// A session that is read and not yet stored.
struct Seed {
  const Vendor* vendor = nullptr;
  std::unique_ptr<Session> session;
};

/// Reads one session, described as a JSON object, by the space's clock. Throws BadRequest; `path`
/// is where the object stands in the whole input.
Seed read_session(const Sandbox& space, const Json& json, const std::string& path);

/// Throws BadRequest when the budget of all spaces is used up.
Session& store_session(Sandbox& space, Seed seed);

/// Applies the members given to a stored session; `state` pushes it there at once.
/// Throws BadRequest and changes nothing when a member is wrong; `session` is replaced, not
/// changed.
Session& change_session(Sandbox& space, const Vendor& vendor, const Session& session,
                        const Json& json, const std::string& path);

/// As read_session() takes it, with the members as they are now and what follows from them.
Json show_session(Sandbox& space, const Vendor& vendor, Session& session);

/// What read_session() makes the same session of at this moment of the clock.
Json save_session(Sandbox& space, const Vendor& vendor, Session& session);

}  // namespace mock

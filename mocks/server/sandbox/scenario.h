// A scenario: a whole sandbox as one JSON document; mocks/scenarios/schema.json is its schema.
#pragma once

#include <string>

#include "sandbox/space.h"

namespace mock {

/// Makes a space what the scenario says, its sessions and all. Throws BadRequest and changes
/// nothing when something in it is wrong. `budget` is what the sandboxes of all spaces share.
void load(Space& space, const Json& scenario, Budget& budget);

/// The scenario that makes a space what this one is now. Not in it: the requests, what the rate
/// limits have counted, faults that are over.
Json save(Space& space);

/// Reads a file into the space. Gives what is wrong, as "FILE:LINE: MEMBER: why", or nothing.
std::string load_file(Space& space, const std::string& file, Budget& budget);

}  // namespace mock

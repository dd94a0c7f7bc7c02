// How elizaOS reads a TimeoutConfig from a request body. [wire]
#pragma once

#include <string>

#include "eliza_session.h"

namespace mock {

/// What is out of range is clamped, what is absent or no number takes its default.
TimeoutConfig clamped(const Json& json);

/// What PATCH timeout would refuse, in words; empty when nothing. `json` is an object.
std::string problem_with_timeout(const Json& json);

}  // namespace mock

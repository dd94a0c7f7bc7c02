// How elizaOS reads a TimeoutConfig from a request body. [wire]
#pragma once

#include <string>

#include "vendors/eliza/session.h"

namespace mock {

/// What is out of range is clamped, what is absent or no number takes its default. The real server
/// takes for a number whatever JavaScript does, and any JSON for autoRenew.
TimeoutConfig clamped(const Json& json, bool as_server);

/// What PATCH timeout would refuse, in words; empty when nothing. The real server takes numbers
/// also as texts, and an array for a config without members.
std::string problem_with_timeout(const Json& json, bool as_server);

}  // namespace mock

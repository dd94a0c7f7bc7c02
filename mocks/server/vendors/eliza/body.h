// elizaOS's reading of a request's body, before any of its calls looks at it.
#pragma once

#include <optional>

#include "vendors/vendor.h"

namespace mock {

/// What the real server's body parser refuses, whatever the call. It comes before the key and the
/// rate limit. [wire]
std::optional<Answer> eliza_refuse_body(const Call& call);

/// A body of another type than JSON.
std::optional<Answer> eliza_refuse_type(const Call& call);

/// The body; discarded when none was sent, or none that the server parses. Else `refused` has the
/// answer.
std::optional<Json> eliza_body(const Call& call, Answer& refused);

}  // namespace mock

// --diff: the contract's exchanges, asked of a real server, which the vendor's own calls prepare,
// or of another mock, and what differs printed field by field.
#pragma once

#include "options.h"

namespace mock {

/// The process's exit code: 0 nothing differs, 1 something does, 2 it could not be asked.
int run_diff(const Options& options);

}  // namespace mock

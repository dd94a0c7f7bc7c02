// Maple, which does not exist; see maple.cpp for the wire.
#pragma once

#include "vendors/vendor.h"

namespace mock {

/// Lives as long as the process.
const Vendor* maple();

}  // namespace mock

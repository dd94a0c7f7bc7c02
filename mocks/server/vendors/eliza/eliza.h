// elizaOS: messaging sessions that expire; see eliza.cpp for the wire.
#pragma once

#include "vendors/vendor.h"

namespace mock {

/// Lives as long as the process.
const Vendor* eliza();

}  // namespace mock

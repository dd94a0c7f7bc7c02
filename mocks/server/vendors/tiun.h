// tiun: one call, valid or not; see tiun.cpp for the wire.
#pragma once

#include "vendors/vendor.h"

namespace mock {

/// Lives as long as the process.
const Vendor* tiun();

}  // namespace mock

// Ping Network: zones, sessions and limits; calls.h has what each call does.
#pragma once

#include "vendors/vendor.h"

namespace mock {

/// Lives as long as the process.
const Vendor* ping();

}  // namespace mock

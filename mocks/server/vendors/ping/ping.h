// Ping Network: a session's state and its counters; see ping.cpp for the wire.
#pragma once

#include "vendors/vendor.h"

namespace mock {

/// Lives as long as the process.
const Vendor* ping();

}  // namespace mock

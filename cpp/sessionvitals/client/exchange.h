#pragma once

#include <memory>

#include "sessionvitals/errors.h"
#include "sessionvitals/http.h"
#include "sessionvitals/report.h"

namespace sessionvitals {

/// What came of sending one request.
struct Exchange {
  Result<Response> response;
  std::shared_ptr<CallReport> report;  // nullptr if nothing was tried
};

}  // namespace sessionvitals

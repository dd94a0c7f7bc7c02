// elizaOS's refusals, in the form that a call's space speaks.
#pragma once

#include <optional>
#include <string>

#include "vendors/eliza/errors.h"
#include "vendors/vendor.h"

namespace mock {

/// The space's dialect is the real server's.
bool speaks_as_server(const Call& call);

Answer eliza_refuse(const Call& call, const ElizaError& error, const Rule& rule);

Answer eliza_not_found(const Call& call);
/// Wrong or missing key, as the server with a token says it.
Answer eliza_key_refused(const Call& call);
Answer eliza_bad_escape(const Call& call);
Answer eliza_limited(const Call& call);
Answer eliza_scripted(const Call& call, int http_status);

/// 400 VALIDATION_ERROR.
ElizaError eliza_invalid(std::string message, Json details);

}  // namespace mock

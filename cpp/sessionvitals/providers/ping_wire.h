#pragma once

#include <string>
#include <string_view>

#include "sessionvitals/provider.h"
#include "sessionvitals/providers/reading/reading.h"

/// What all of Ping's requests and refusals have in common. Private to ping.cpp and
/// ping_limits.cpp.
namespace sessionvitals::ping {

/// Returns a request without a body, or what is wrong with the credential.
Result<Request> request_of(std::string_view method, std::string target,
                           const Credential& credential);

/// Returns the error for a response that refuses. `not_found` is the advice for a 404.
Error refuse(const Response& response, providers::Subject subject, std::string_view not_found = {});

}  // namespace sessionvitals::ping

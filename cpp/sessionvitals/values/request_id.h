#pragma once

#include <string_view>
#include <vector>

#include "sessionvitals/http.h"

/// Not installed.
namespace sessionvitals {

/// Returns what the server calls the request in its answer, for its support to look
/// up; empty if it says nothing, or more than an id. It points into `headers`.
std::string_view read_request_id(const std::vector<Header>& headers);

}  // namespace sessionvitals

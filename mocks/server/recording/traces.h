// Taking out of an answer what tells of the machine that gave it: a recording is made to be shared.
#pragma once

#include <string>

namespace mock {

/// The body without stack traces and without paths of files. JSON stays JSON: every text in it is
/// looked at. A frame of a trace is a line that begins with "at " or with `File "`.
std::string without_traces(std::string body);

}  // namespace mock

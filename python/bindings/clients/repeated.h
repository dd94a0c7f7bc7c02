#pragma once

#include <pybind11/pybind11.h>

#include <cstddef>
#include <string>
#include <unordered_map>

#include "bindings.h"

/// Which ids of a list occur more than once.
namespace sessionvitals::python {

/// How many different ids that repeat are looked for. Their answers are kept until
/// the last of each has come, and so this bounds what a bulk remembers.
inline constexpr std::size_t kMaxRepeated = 65536;

/// Returns the ids that occur more than once and how often, at most kMaxRepeated of
/// them; none for what may be iterated over only once. Takes 2 bytes an id. Raises
/// TypeError for one text, whose letters would be asked for.
std::unordered_map<std::string, std::size_t> repeated_in(const py::object& ids);

}  // namespace sessionvitals::python

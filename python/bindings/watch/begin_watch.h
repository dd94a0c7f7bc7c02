#pragma once

#include <pybind11/pybind11.h>

#include "sessionvitals/client/client.h"

namespace sessionvitals::python {

namespace py = pybind11;

/// Returns the watch of the client's that those settings describe: the options of a call, and
/// what read_options() of sessionvitals/changes.py gives.
py::object begin_watch(const Client& client, const py::kwargs& settings);

}  // namespace sessionvitals::python

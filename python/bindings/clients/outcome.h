#pragma once

#include <pybind11/pybind11.h>

#include "bindings.h"
#include "clients/arguments.h"
#include "runtime/logging.h"
#include "sessionvitals/client/bulk.h"
#include "sessionvitals/provider.h"

/// What became of one id of a bulk, as Python sees it. Small, as programs keep many:
/// the vendor's own answer, from which the session is made when it is looked at.
namespace sessionvitals::python {

class PythonOutcome : public py::object {
  PYBIND11_OBJECT_DEFAULT(PythonOutcome, object, is_anything)
};

/// Returns the object of an outcome of that provider's. Logs its call.
PythonOutcome to_python(const Provider& provider, Outcome outcome, const LogLevels& listening);

void bind_outcome(py::module_& module);

}  // namespace sessionvitals::python

namespace pybind11::detail {

template <>
struct handle_type_name<sessionvitals::python::PythonOutcome> {
  static constexpr auto name = const_name("sessionvitals._core.Outcome");
};

}  // namespace pybind11::detail

#pragma once

#include <pybind11/pybind11.h>

#include <utility>

#include "runtime/gil.h"
#include "sessionvitals/errors.h"

/// One function per part of the extension, each in the .cpp of its name.
/// module.cpp calls them in dependency order.
namespace sessionvitals::python {

namespace py = pybind11;

void bind_values(py::module_& module);
void bind_client(py::module_& module);
void bind_bulk(py::module_& module);
void bind_watch(py::module_& module);
void bind_keeper(py::module_& module);
void bind_watch_inspection(py::module_& module);
void bind_tiun(py::module_& module);
void bind_ping(py::module_& module);
void bind_eliza(py::module_& module);
void bind_engine(py::module_& module);
void bind_wire(py::module_& module);
void bind_json(py::module_& module);

/// Returns the error as an object of the Python class of its kind.
py::object to_exception(const Error& error);

/// Raises the Python class of the error's kind, with its fields. The classes are
/// Python's (sessionvitals/errors.py), where they have docstrings and types.
[[noreturn]] void raise(const Error& error);

/// Returns the value, or raises the error.
template <class T>
T value_or_raise(Result<T> result) {
  if (!result) raise(result.error());
  return *std::move(result);
}

}  // namespace sessionvitals::python

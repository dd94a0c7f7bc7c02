#pragma once

#include <pybind11/pybind11.h>

#include <exception>
#include <new>

namespace sessionvitals::python {

namespace py = pybind11;

/// Runs what may throw, between Python and Python, and returns its object, or nullptr
/// with the exception set. A thread that is ended at the interpreter's end, by an
/// exception of no type, passes.
template <class Call>
PyObject* guarded(Call&& call) {
  try {
    return py::object(call()).release().ptr();
  } catch (py::error_already_set& error) {
    error.restore();
  } catch (const py::builtin_exception& error) {
    error.set_error();
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::exception& error) {
    PyErr_SetString(PyExc_RuntimeError, error.what());
  }
  return nullptr;
}

}  // namespace sessionvitals::python

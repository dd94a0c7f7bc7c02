#include "awaiting/asyncio_errors.h"

#include "values/guarded.h"

namespace sessionvitals::python {

namespace {

// Kept for good.
PyObject* asyncio_class(const char* name) {
  return py::object(py::module_::import("asyncio.exceptions").attr(name)).release().ptr();
}

}  // namespace

PyObject* cancelled_error() {
  static PyObject* const known = asyncio_class("CancelledError");
  return known;
}

PyObject* raise_invalid_state(const char* message) {
  return guarded([&]() -> py::object {
    static PyObject* const known = asyncio_class("InvalidStateError");
    PyErr_SetString(known, message);
    throw py::error_already_set();
  });
}

}  // namespace sessionvitals::python

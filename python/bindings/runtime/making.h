#pragma once

#include <pybind11/pybind11.h>

/// No object without its C++ value: pybind11's own `Class.__new__(Class)` gives one,
/// and every method then reads memory that nobody has written.
namespace sessionvitals::python {

/// pybind11's own base class, when it is called, as copyreg does for what cannot be
/// pickled, throws through C frames, which ends the process. Makes it a TypeError.
/// The class is shared with all modules made by pybind11, whom that does not disturb.
void guard_base();

/// For classes that only this library makes objects of: Python gets a TypeError.
template <class Class>
void forbid_making(Class& bound) {
  auto* type = reinterpret_cast<PyTypeObject*>(bound.ptr());
  type->tp_new = [](PyTypeObject* called, PyObject*, PyObject*) -> PyObject* {
    PyErr_Format(PyExc_TypeError, "%s objects are made by the clients, not by a call",
                 called->tp_name);
    return nullptr;
  };
  PyType_Modified(type);
}

/// For final classes with a constructor: Python gets a TypeError from `__new__` alone,
/// because CPython compares this function with the one behind the inherited `__new__`.
template <class Class>
void require_init(Class& bound) {
  auto* type = reinterpret_cast<PyTypeObject*>(bound.ptr());
  type->tp_new = [](PyTypeObject* called, PyObject*, PyObject*) -> PyObject* {
    return pybind11::detail::make_new_instance(called);
  };
  PyType_Modified(type);
}

}  // namespace sessionvitals::python

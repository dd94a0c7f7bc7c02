#pragma once

#include <pybind11/pybind11.h>

/// No object without its C++ value: pybind11's own `Class.__new__(Class)` gives one,
/// and every method then reads memory that nobody has written.
namespace sessionvitals::python {

/// pybind11's own base class, when it is called, as copyreg does for what cannot be
/// pickled, throws through C frames, which ends the process. Makes it a TypeError.
/// The class is shared with all modules made by pybind11, whom that does not disturb.
void guard_base();

/// Guards every pybind11 class of the module, once all are there: `__new__` alone is a
/// TypeError, also by way of a subclass, as none of them can have one.
void guard_classes(const pybind11::module_& module);

}  // namespace sessionvitals::python

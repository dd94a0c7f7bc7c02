#pragma once

#include <pybind11/pybind11.h>

#include <vector>

#include "values/value_type.h"

/// What CPython calls of a class of values. Private to value_type.cpp.
namespace sessionvitals::python {

/// The slots of a class with that data, which must live as long as the class.
std::vector<PyType_Slot> value_slots(const ValueClassData& data);

/// What a pickle names to have its value made.
PyMethodDef* value_functions();

}  // namespace sessionvitals::python

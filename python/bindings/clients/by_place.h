#pragma once

#include <pybind11/pybind11.h>

#include <array>
#include <cstddef>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <vector>

#include "values/guarded.h"

/// Functions and methods that Python calls past pybind11 when all arguments come by their places:
/// its own way is a fifth of a function that takes a few hundred nanoseconds. Any other call goes
/// that way, which has the names, the defaults, the signature and the complaints.
namespace sessionvitals::python {

/// Returns an argument that came by its place.
template <class Object>
Object read_argument(PyObject* const* given, std::size_t place) {
  static_assert(std::is_base_of_v<py::object, Object>, "nothing that pybind11 has to convert");
  return py::reinterpret_borrow<Object>(given[place]);
}

/// Returns the object that a method of its class was called on; CPython lets no other through. The
/// class is looked up once: py::cast() does so each time, by a hash of the type's name.
template <class Class>
const Class& object_of(PyObject* self) {
  static const py::detail::type_info* const type = py::detail::get_type_info(typeid(Class));
  auto* const instance = reinterpret_cast<py::detail::instance*>(self);
  const Class* const object = instance->get_value_and_holder(type).template value_ptr<Class>();
  if (object == nullptr) throw py::type_error("__init__() was not called");
  return *object;
}

/// `Function` has kCount, the number of all its arguments, and reads so many in
///
///     static py::object call(PyObject* self, PyObject* const* given);
///
/// Each can be defined once, and is there until the process ends.
template <class Function>
class ByPlace {
 public:
  /// Adds a function to the module. `general` is pybind11's own.
  static void define(py::module_& module, const py::cpp_function& general) {
    keep(general);
    const py::object module_name = module.attr("__name__");
    module.add_object(definition_.ml_name, py::reinterpret_steal<py::object>(PyCFunction_NewEx(
                                               &definition_, nullptr, module_name.ptr())));
  }

  /// Adds a method to the class. `general` is pybind11's own, and has `self` first.
  static void define(const py::type& type, const py::cpp_function& general) {
    keep(general);
    auto* const of_type = reinterpret_cast<PyTypeObject*>(type.ptr());
    py::setattr(type, definition_.ml_name,
                py::reinterpret_steal<py::object>(PyDescr_NewMethod(of_type, &definition_)));
  }

 private:
  static void keep(const py::cpp_function& general) {
    static const auto& texts = *new std::array{general.attr("__name__").cast<std::string>(),
                                               general.attr("__doc__").cast<std::string>()};
    general_ = general.inc_ref().ptr();
    definition_ = {texts[0].c_str(),
                   reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&call)),
                   METH_FASTCALL | METH_KEYWORDS, texts[1].c_str()};
  }

  // `self` is nullptr for a function. The values of `names` follow the others.
  static PyObject* call(PyObject* self, PyObject* const* given, Py_ssize_t count, PyObject* names) {
    if (names == nullptr && count == static_cast<Py_ssize_t>(Function::kCount)) {
      return guarded([&] { return Function::call(self, given); });
    }
    const auto placed = static_cast<std::size_t>(count);
    if (self == nullptr) return PyObject_Vectorcall(general_, given, placed, names);
    return guarded([&] {
      std::vector<PyObject*> all{self};
      all.insert(all.end(), given, given + count + (names ? PyTuple_GET_SIZE(names) : 0));
      PyObject* const answer = PyObject_Vectorcall(general_, all.data(), placed + 1, names);
      if (answer == nullptr) throw py::error_already_set();
      return py::reinterpret_steal<py::object>(answer);
    });
  }

  static inline PyObject* general_ = nullptr;
  static inline PyMethodDef definition_{};
};

}  // namespace sessionvitals::python

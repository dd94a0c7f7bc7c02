#include "runtime/making.h"

#include <new>
#include <unordered_map>

#include "bindings.h"
#include "values/guarded.h"

namespace sessionvitals::python {

namespace {

PyTypeObject* base_type() {
  return reinterpret_cast<PyTypeObject*>(py::detail::get_internals().instance_base);
}

PyObject* refuse_base() {
  PyErr_SetString(PyExc_TypeError, "this base class has no objects of its own");
  return nullptr;
}

ternaryfunc original_call = nullptr;
PyObject* original_new = nullptr;

PyObject* call_type(PyObject* type, PyObject* arguments, PyObject* keywords) {
  if (type == reinterpret_cast<PyObject*>(base_type())) return refuse_base();
  return original_call(type, arguments, keywords);
}

PyObject* new_of_base(PyObject* base, PyObject* arguments, PyObject* keywords) {
  const bool is_base = PyTuple_GET_SIZE(arguments) > 0 && PyTuple_GET_ITEM(arguments, 0) == base;
  return is_base ? refuse_base() : PyObject_Call(original_new, arguments, keywords);
}

PyMethodDef new_method = {"__new__",
                          reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&new_of_base)),
                          METH_VARARGS | METH_KEYWORDS, nullptr};

PyObject* refuse_making(PyTypeObject* called, PyObject*, PyObject*) {
  PyErr_Format(PyExc_TypeError, "%s objects are made by the clients, not by a call",
               called->tp_name);
  return nullptr;
}

// pybind11 writes to what this returns without a look at it.
PyObject* allocate_or_throw(PyTypeObject* type, Py_ssize_t count) {
  PyObject* made = PyType_GenericAlloc(type, count);
  if (made == nullptr) throw py::error_already_set();
  return made;
}

using InitInstance = void (*)(py::detail::instance*, const void*);

// Guarded by the GIL.
std::unordered_map<const py::detail::type_info*, InitInstance>& original_inits() {
  static auto* made = new std::unordered_map<const py::detail::type_info*, InitInstance>;
  return *made;
}

// pybind11 calls this with a value that is made, after a constructor where nothing catches what it
// throws; and deletes a value that was not taken over a second time. CPython makes a SystemError of
// a result with an exception set, by that exception.
void init_or_set_error(py::detail::instance* made, const void* holder) {
  const auto* const info = py::detail::get_type_info(Py_TYPE(reinterpret_cast<PyObject*>(made)));
  try {
    original_inits().at(info)(made, holder);
  } catch (const std::bad_alloc&) {
    auto part = made->get_value_and_holder(info);
    if (part.instance_registered()) {
      py::detail::deregister_instance(made, part.value_ptr(), info);
      part.set_instance_registered(false);
    }
    part.value_ptr() = nullptr;
    PyErr_NoMemory();
  }
}

// As pybind11's own, but not the same function: that is what CPython compares with the one
// behind an inherited `__new__`, to refuse that.
PyObject* make_for_init(PyTypeObject* called, PyObject*, PyObject*) {
  return guarded([called] {
    return py::reinterpret_steal<py::object>(py::detail::make_new_instance(called));
  });
}

}  // namespace

void guard_classes(const py::module_& module) {
  auto* const metaclass = py::detail::get_internals().default_metaclass;
  for (const auto& [name, member] : py::dict(module.attr("__dict__"))) {
    auto* const type = reinterpret_cast<PyTypeObject*>(member.ptr());
    if (Py_TYPE(member.ptr()) != metaclass || type->tp_new != base_type()->tp_new) continue;
    const bool has_constructor = member.attr("__dict__").contains("__init__");
    type->tp_new = has_constructor ? &make_for_init : &refuse_making;
    type->tp_alloc = &allocate_or_throw;
    auto* const info = py::detail::get_type_info(type);
    original_inits().emplace(info, info->init_instance);
    info->init_instance = &init_or_set_error;
    type->tp_flags &= ~Py_TPFLAGS_BASETYPE;
    PyType_Modified(type);
  }
}

void guard_base() {
  auto* metaclass = reinterpret_cast<PyTypeObject*>(py::detail::get_internals().default_metaclass);
  if (original_call != nullptr) return;
  original_call = metaclass->tp_call;
  metaclass->tp_call = &call_type;

  PyTypeObject* base = base_type();
  original_new =
      py::getattr(py::handle(reinterpret_cast<PyObject*>(base)), "__new__").release().ptr();
  const auto guard = py::reinterpret_steal<py::object>(
      PyCFunction_NewEx(&new_method, reinterpret_cast<PyObject*>(base), nullptr));
  if (!guard || PyDict_SetItemString(base->tp_dict, "__new__", guard.ptr()) != 0) {
    throw py::error_already_set();
  }
  PyType_Modified(base);
}

}  // namespace sessionvitals::python

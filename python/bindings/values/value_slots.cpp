#include "values/value_slots.h"

#include <string>

#include "values/casters.h"
#include "values/guarded.h"
#include "values/value_object.h"

namespace sessionvitals::python {

namespace {

const ValueClassData& data_of(const PyObject* self) { return *find_value_class(Py_TYPE(self)); }
const void* value_in(const PyObject* self) {
  return reinterpret_cast<const ValueHead*>(self)->value;
}

py::dict keywords_of(const std::string& name, PyObject* arguments, PyObject* keywords) {
  if (PyTuple_GET_SIZE(arguments) != 0) throw py::type_error(name + " takes its fields by name");
  return keywords == nullptr ? py::dict() : py::reinterpret_borrow<py::dict>(keywords);
}

PyObject* new_value(PyTypeObject* type, PyObject* arguments, PyObject* keywords) {
  return guarded([&] {
    const ValueClassData& data = *find_value_class(type);
    return make_value(data, nullptr, keywords_of(data.name, arguments, keywords));
  });
}

PyObject* get_field(PyObject* self, void* field) {
  return guarded([&] { return static_cast<const Field*>(field)->get(value_in(self)); });
}

PyObject* get_exact_field(PyObject* self, void* field) {
  return guarded([&] { return static_cast<const Field*>(field)->exact(value_in(self)); });
}

PyObject* get_computed(PyObject* self, void* field) {
  return guarded([&] { return static_cast<const ComputedField*>(field)->get(value_in(self)); });
}

PyObject* compare(PyObject* self, PyObject* other, int operation) {
  const bool is_comparable = Py_TYPE(self) == Py_TYPE(other);
  if (!is_comparable || (operation != Py_EQ && operation != Py_NE)) Py_RETURN_NOTIMPLEMENTED;
  return guarded([&] {
    bool is_equal = true;
    for (const Field& field : data_of(self).fields) {
      if (field.is_aside || !is_equal) continue;
      is_equal = field.is_equal(value_in(self), value_in(other));
    }
    return py::bool_(is_equal == (operation == Py_EQ));
  });
}

Py_hash_t hash_value(PyObject* self) {
  PyObject* const all = guarded([&] {
    py::list saved;
    for (const Field& field : data_of(self).fields) {
      if (!field.is_aside) saved.append(field.save(value_in(self)));
    }
    return py::tuple(saved);
  });
  if (all == nullptr) return -1;
  const Py_hash_t hash = PyObject_Hash(all);
  Py_DECREF(all);
  return hash;
}

// Short: what is absent or empty is left out.
bool is_silent(const py::object& value) {
  if (value.is_none()) return true;
  const bool has_length = PyTuple_Check(value.ptr()) != 0 || PyUnicode_Check(value.ptr()) != 0;
  return has_length && py::len(value) == 0;
}

PyObject* represent(PyObject* self) {
  constexpr std::size_t kExcerpt = 60;
  return guarded([&] {
    const ValueClassData& data = data_of(self);
    std::string text;
    for (const Field& field : data.fields) {
      if (field.is_aside || is_silent(field.save(value_in(self)))) continue;
      text += (text.empty() ? "" : ", ") + field.json_name + "=";
      if (field.is_secret) {
        text += "<not shown>";
        continue;
      }
      const py::str whole = py::repr(field.shown(value_in(self)));
      text += from_text(py::str(whole[py::slice(0, kExcerpt, 1)]));
      if (py::len(whole) > kExcerpt) text += "...";
    }
    return to_text(data.name + "(" + text + ")");
  });
}

int truth_of(PyObject* self) { return data_of(self).truth(value_in(self)) ? 1 : 0; }

PyObject* to_dict(PyObject* self, PyObject*) {
  return guarded([&] { return plain_value(data_of(self), value_in(self)); });
}

PyObject* from_dict(PyObject* type, PyObject* members) {
  return guarded([&] {
    if (PyDict_Check(members) == 0) throw py::type_error("from_dict() needs a dict");
    return value_from_plain(*find_value_class(reinterpret_cast<PyTypeObject*>(type)),
                            py::reinterpret_borrow<py::dict>(members));
  });
}

PyObject* replace(PyObject* self, PyObject* arguments, PyObject* keywords) {
  return guarded([&] {
    const ValueClassData& data = data_of(self);
    return make_value(data, value_in(self), keywords_of(data.name, arguments, keywords));
  });
}

PyObject* itself(PyObject* self, PyObject*) { return Py_NewRef(self); }

PyObject* reduce(PyObject* self, PyObject*) {
  return guarded([&] {
    const py::object restore = py::module_::import("sessionvitals._core").attr("restore_value");
    const py::handle type(reinterpret_cast<PyObject*>(Py_TYPE(self)));
    return py::make_tuple(restore, py::make_tuple(type, save_value(data_of(self), value_in(self))));
  });
}

PyObject* restore(PyObject*, PyObject* arguments) {
  PyObject* type = nullptr;
  PyObject* state = nullptr;
  if (PyArg_ParseTuple(arguments, "O!O!:restore_value", &PyType_Type, &type, &PyDict_Type,
                       &state) == 0) {
    return nullptr;
  }
  return guarded([&] {
    const ValueClassData* data = find_value_class(reinterpret_cast<PyTypeObject*>(type));
    if (data == nullptr) throw py::type_error("restore_value() needs a class of values");
    return restore_value(*data, py::reinterpret_borrow<py::dict>(state));
  });
}

PyObject* pydantic_schema(PyObject* type, PyObject* arguments) {
  return guarded([&] {
    const py::object make = py::module_::import("sessionvitals.pydantic_schema").attr("schema_of");
    return make(py::handle(type), *py::reinterpret_borrow<py::tuple>(arguments));
  });
}

PyObject* as_html(PyObject* self, PyObject*) {
  return guarded([&] {
    return py::module_::import("sessionvitals.showing.notebook")
        .attr("html_of_value")(py::handle(self));
  });
}

template <class Function>
PyCFunction as_method(Function* function) {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
}

PyMethodDef value_methods[] = {
    {"to_dict", &to_dict, METH_NOARGS,
     "Return the fields as JSON has them: exact numbers with their unit in the name, times as "
     "ISO 8601 text."},
    {"from_dict", &from_dict, METH_O | METH_CLASS,
     "Return the value that to_dict() gave these members of. A member that the vendor sent as null "
     "is None there as an absent one is, and comes back as absent; a pickle tells them apart."},
    {"__replace__", as_method(&replace), METH_VARARGS | METH_KEYWORDS,
     "As with_(), for copy.replace() from Python 3.13 on."},
    {"with_", as_method(&replace), METH_VARARGS | METH_KEYWORDS,
     "Return the same value with other fields."},
    {"__copy__", &itself, METH_NOARGS, nullptr},
    {"__deepcopy__", &itself, METH_O, nullptr},
    {"__reduce__", &reduce, METH_NOARGS, nullptr},
    {"__reduce_ex__", &reduce, METH_O, nullptr},
    {"__get_pydantic_core_schema__", &pydantic_schema, METH_VARARGS | METH_CLASS, nullptr},
    {"_repr_html_", &as_html, METH_NOARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

PyMethodDef functions[] = {
    {"restore_value", &restore, METH_VARARGS,
     "restore_value(type: type, state: dict) -> typing.Any\n\nReturn the value of a pickle."},
    {nullptr, nullptr, 0, nullptr},
};

// An array that lives as long as the class.
PyGetSetDef* attributes_of(const ValueClassData& data) {
  auto* attributes = new std::vector<PyGetSetDef>();
  const auto add = [&](const std::string& name, const std::string& doc, getter get,
                       const void* field) {
    attributes->push_back({name.c_str(), get, nullptr, doc.c_str(), const_cast<void*>(field)});
  };
  for (const Field& field : data.fields) {
    add(field.name, field.doc, &get_field, &field);
    if (!field.exact_name.empty()) add(field.exact_name, field.doc, &get_exact_field, &field);
  }
  for (const ComputedField& computed : data.computed) {
    add(computed.name, computed.doc, &get_computed, &computed);
  }
  attributes->push_back({});
  return attributes->data();
}

}  // namespace

std::vector<PyType_Slot> value_slots(const ValueClassData& data) {
  std::vector<PyType_Slot> slots = {
      {Py_tp_new, reinterpret_cast<void*>(&new_value)},
      {Py_tp_dealloc, reinterpret_cast<void*>(data.destroy)},
      {Py_tp_repr, reinterpret_cast<void*>(&represent)},
      {Py_tp_hash, reinterpret_cast<void*>(&hash_value)},
      {Py_tp_richcompare, reinterpret_cast<void*>(&compare)},
      {Py_tp_methods, value_methods},
      {Py_tp_getset, attributes_of(data)},
  };
  if (data.truth != nullptr) slots.push_back({Py_nb_bool, reinterpret_cast<void*>(&truth_of)});
  return slots;
}

PyMethodDef* value_functions() { return functions; }

}  // namespace sessionvitals::python

#include "values/value_type.h"

#include <utility>

#include "values/casters.h"
#include "values/value_slots.h"

namespace sessionvitals::python {

namespace {

// Never freed, as objects of these classes may outlive the module.
std::vector<const ValueClassData*>& all_classes() {
  static auto* const classes = new std::vector<const ValueClassData*>();
  return *classes;
}

PyTypeObject* detail_type = nullptr;

py::dict describe(const Field& field) {
  py::dict facts;
  facts["name"] = field.name;
  facts["annotation"] = field.annotation;
  facts["json_name"] = field.json_name;
  facts["plain_annotation"] = field.plain_annotation;
  facts["exact_name"] = field.exact_name;
  facts["doc"] = field.doc;
  facts["is_required"] = field.is_required;
  facts["is_json"] = field.is_json;
  facts["is_aside"] = field.is_aside;
  facts["is_secret"] = field.is_secret;
  return facts;
}

// What the stub and pydantic's schema are written from.
py::dict describe(const ValueClassData& data) {
  py::list fields;
  for (const Field& field : data.fields) fields.append(describe(field));
  py::list computed;
  for (const ComputedField& field : data.computed) {
    computed.append(py::dict(py::arg("name") = field.name, py::arg("doc") = field.doc,
                             py::arg("annotation") = field.annotation));
  }
  py::list methods;
  for (const ClassMethod& each : data.class_methods) {
    methods.append(py::dict(py::arg("name") = each.method.ml_name,
                            py::arg("doc") = each.method.ml_doc,
                            py::arg("arguments") = each.arguments));
  }
  return py::dict(py::arg("doc") = data.doc, py::arg("fields") = fields,
                  py::arg("computed") = computed, py::arg("class_methods") = methods,
                  py::arg("has_truth") = data.truth != nullptr,
                  py::arg("is_answer") = data.answer_type != nullptr);
}

std::string signature_of(const ValueClassData& data) {
  std::string text = data.name + "(*";
  for (const Field& field : data.fields) {
    text += ", " + field.name + (field.is_required ? "" : "=...");
  }
  return text + ")\n--\n\n" + data.doc;
}

// Python code cannot change the class, nor an object's class.
void seal(PyTypeObject* type) {
  type->tp_flags |= Py_TPFLAGS_IMMUTABLETYPE;
  PyType_Modified(type);
}

}  // namespace

PyTypeObject* make_value_class(const py::module_& module, std::unique_ptr<ValueClassData> made) {
  ValueClassData& data = *made.release();
  auto* const name = new std::string("sessionvitals._core." + data.name);
  const std::string doc = signature_of(data);
  std::vector<PyType_Slot> slots = value_slots(data);
  slots.push_back({Py_tp_doc, const_cast<char*>(doc.c_str())});
  slots.push_back({0, nullptr});
  PyType_Spec spec{.name = name->c_str(),
                   .basicsize = static_cast<int>(data.size),
                   .itemsize = 0,
                   .flags = Py_TPFLAGS_DEFAULT,
                   .slots = slots.data()};
  py::tuple bases;
  if (data.answer_type != nullptr) {
    bases = py::make_tuple(py::handle(reinterpret_cast<PyObject*>(detail_type)));
  }
  auto type = py::reinterpret_steal<py::object>(
      PyType_FromSpecWithBases(&spec, bases.empty() ? nullptr : bases.ptr()));
  if (!type) throw py::error_already_set();
  py::list names;
  for (const Field& field : data.fields) {
    if (!field.is_aside) names.append(field.name);
  }
  type.attr("__match_args__") = py::tuple(names);
  for (ClassMethod& each : data.class_methods) {
    auto* const of_type = reinterpret_cast<PyTypeObject*>(type.ptr());
    auto method = py::reinterpret_steal<py::object>(PyDescr_NewClassMethod(of_type, &each.method));
    if (!method) throw py::error_already_set();
    type.attr(each.method.ml_name) = method;
  }
  module.attr(data.name.c_str()) = type;
  data.type = reinterpret_cast<PyTypeObject*>(type.release().ptr());
  seal(data.type);
  all_classes().push_back(&data);
  return data.type;
}

const ValueClassData* find_value_class(const PyTypeObject* type) {
  for (const ValueClassData* data : all_classes()) {
    if (data->type == type) return data;
  }
  return nullptr;
}

py::object answer_to_object(std::shared_ptr<const Detail> answer) {
  if (!answer) return py::none();
  const Detail& held = *answer;
  for (const ValueClassData* data : all_classes()) {
    if (data->answer_type != nullptr && *data->answer_type == typeid(held)) {
      return data->share_answer(std::move(answer));
    }
  }
  throw std::logic_error("an answer of a type that is not bound");
}

std::shared_ptr<const Detail> answer_from_object(const py::handle& object) {
  if (object.is_none()) return nullptr;
  const ValueClassData* data = find_value_class(Py_TYPE(object.ptr()));
  if (data == nullptr || data->answer_type == nullptr) {
    throw py::type_error("must be an answer of a vendor's, not " +
                         std::string(Py_TYPE(object.ptr())->tp_name));
  }
  return data->answer_of(object);
}

std::shared_ptr<const Detail> answer_from_plain(const py::dict& members) {
  const ValueClassData* found = nullptr;
  for (const ValueClassData* data : all_classes()) {
    if (data->answer_type == nullptr) continue;
    bool is_whole = true;
    for (const Field& field : data->fields) {
      is_whole &= field.is_aside || members.contains(py::str(field.json_name));
    }
    if (is_whole) found = data;
  }
  if (found == nullptr) throw py::value_error("has the members of no vendor's answer");
  return found->answer_of(value_from_plain(*found, members));
}

void bind_value_types(py::module_& module) {
  PyType_Slot slots[] = {
      {Py_tp_doc, const_cast<char*>("What the vendors' own answers have in common.")},
      {Py_tp_new, reinterpret_cast<void*>(+[](PyTypeObject*, PyObject*, PyObject*) -> PyObject* {
         PyErr_SetString(PyExc_TypeError, "Detail has no values of its own: make a vendor's");
         return nullptr;
       })},
      {0, nullptr},
  };
  PyType_Spec spec{.name = "sessionvitals._core.Detail",
                   .basicsize = static_cast<int>(sizeof(PyObject)),
                   .itemsize = 0,
                   .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
                   .slots = slots};
  auto type = py::reinterpret_steal<py::object>(PyType_FromSpec(&spec));
  if (!type) throw py::error_already_set();
  module.attr("Detail") = type;
  detail_type = reinterpret_cast<PyTypeObject*>(type.release().ptr());
  seal(detail_type);
  if (PyModule_AddFunctions(module.ptr(), value_functions()) != 0) throw py::error_already_set();
  module.def(
      "inspect_value_classes",
      [] {
        py::dict classes;
        for (const ValueClassData* data : all_classes()) {
          classes[py::str(data->name)] = describe(*data);
        }
        return classes;
      },
      "Return the fields of each class of values.");
}

}  // namespace sessionvitals::python

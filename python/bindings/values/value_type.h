#pragma once

#include <pybind11/pybind11.h>

#include <functional>
#include <memory>
#include <string>
#include <typeinfo>
#include <vector>

#include "sessionvitals/session.h"

/// What a class of values is, as data, and the Python class made from it: attributes,
/// constructor, ==, hash, repr, to_dict, pickle, copy and replace, for any value.
/// value_class.h collects the data of one.
namespace sessionvitals::python {

namespace py = pybind11;

struct Field {
  std::string name;        // as an attribute and as an argument
  std::string json_name;   // as a key of to_dict()
  std::string exact_name;  // a second attribute, of its plain form; mostly none
  std::string doc;
  std::string annotation;
  std::string plain_annotation;
  bool is_required = false;  // of the constructor
  bool is_json = false;      // reading it may fail
  bool is_secret = false;    // repr() does not show it
  bool is_aside = false;     // no part of what the value is: neither compared nor shown
  py::object (*get)(const void* value) = nullptr;
  py::object (*plain)(const void* value) = nullptr;
  py::object (*exact)(const void* value) = nullptr;  // with an exact_name
  py::object (*save)(const void* value) = nullptr;
  py::object (*shown)(const void* value) = nullptr;  // what repr() shows
  void (*take)(void* value, const py::handle& given) = nullptr;
  void (*take_exact)(void* value, const py::handle& given) = nullptr;
  void (*load)(void* value, const py::handle& state) = nullptr;
  bool (*is_equal)(const void* left, const void* right) = nullptr;
};

/// What follows from the fields.
struct ComputedField {
  std::string name;
  std::string doc;
  std::string annotation;
  py::object (*get)(const void* value);
};

/// Another way to make a value of the class: a classmethod of one argument.
struct ClassMethod {
  std::string arguments;  // as the stub has them: "session: ElizaSession, /"
  PyMethodDef method;
};

struct ValueClassData {
  std::string name;
  std::string doc;
  std::vector<Field> fields;
  std::vector<ComputedField> computed;
  std::vector<ClassMethod> class_methods;
  bool (*truth)(const void* value) = nullptr;  // bool(); nullptr: always true

  /// Makes an object of a copy of `from`, or of a fresh value for nullptr, after
  /// `fill` has had it.
  py::object (*make)(const void* from, const std::function<void(void*)>& fill) = nullptr;
  void (*destroy)(PyObject* self) = nullptr;
  std::size_t size = 0;  // of an object

  /// Of an answer of a vendor's: which it is, and how to make an object of it.
  const std::type_info* answer_type = nullptr;
  py::object (*share_answer)(std::shared_ptr<const Detail> answer) = nullptr;
  std::shared_ptr<const Detail> (*answer_of)(const py::handle& object) = nullptr;

  PyTypeObject* type = nullptr;
};

/// Makes the class and puts it into the module. Keeps `data` for good.
PyTypeObject* make_value_class(const py::module_& module, std::unique_ptr<ValueClassData> data);

/// What the class is; nullptr if it is no class of values.
const ValueClassData* find_value_class(const PyTypeObject* type);

/// Returns a value's fields as to_dict() has them.
py::dict plain_value(const ValueClassData& data, const void* value);

/// Returns an object with these fields, each by its name or its exact name. What is
/// not named is as in `from`, or as in a fresh value for nullptr.
py::object make_value(const ValueClassData& data, const void* from, const py::dict& fields);

/// Returns an object of the class with the members that to_dict() gave.
py::object value_from_plain(const ValueClassData& data, const py::dict& members);

/// What a pickle keeps of a value, and the object with that again.
py::dict save_value(const ValueClassData& data, const void* value);
py::object restore_value(const ValueClassData& data, const py::dict& state);

/// Any vendor's answer as an object of its own class, and back; nullptr for None.
py::object answer_to_object(std::shared_ptr<const Detail> answer);
std::shared_ptr<const Detail> answer_from_object(const py::handle& object);

/// The same from the members that to_dict() gave: which vendor's, they tell.
std::shared_ptr<const Detail> answer_from_plain(const py::dict& members);

/// Makes `Detail`, the class that all vendors' answers share, and what pickles and
/// stubs need of the classes of values.
void bind_value_types(py::module_& module);

}  // namespace sessionvitals::python

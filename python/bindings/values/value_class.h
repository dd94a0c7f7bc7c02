#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "values/casters.h"
#include "values/plain.h"
#include "values/state.h"

/// Binds a struct of the core as an immutable Python value. Each field is named
/// once, and ==, hash, repr, to_dict, pickle and copy follow:
///
///     ValueClass<RateLimit>(module, "RateLimit", "What a server says of its limits.")
///         .field<&RateLimit::limit>("limit", "Requests a window.")
///         .finish();
namespace sessionvitals::python {

template <class T>
struct Field {
  std::string name;        // as an attribute
  std::string plain_name;  // as a key of to_dict()
  py::object (*save)(const T&);
  void (*load)(T&, const py::handle&);
  py::object (*plain)(const T&);
  bool is_text = false;  // JSON as text, which may fail to be read
};

template <class T>
struct ComputedField {
  std::string name;
  py::object (*plain)(const T&);
};

template <class T>
struct FieldList {
  static inline std::vector<Field<T>> fields;
  static inline std::vector<ComputedField<T>> computed;

  static py::object to_dict(const T& value) {
    py::dict members;
    for (const Field<T>& field : fields) {
      const py::str name(field.plain_name);
      try {
        members[name] = field.plain(value);
      } catch (py::error_already_set&) {
        if (!field.is_text) throw;
        members[name] = py::none();  // what cannot be read stays text
        members[py::str(field.plain_name + "_json")] = field.save(value);
      }
    }
    for (const ComputedField<T>& field : computed) {
      members[py::str(field.name)] = field.plain(value);
    }
    return members;
  }
};

template <class Member>
struct MemberType;
template <class Owner, class Type>
struct MemberType<Type Owner::*> {
  using type = Type;
};
template <auto member>
using TypeOf = typename MemberType<decltype(member)>::type;

template <class T, class... Bases>
class ValueClass {
 public:
  ValueClass(const py::module_& module, const char* name, const char* doc)
      : class_(module, name, doc, py::is_final()), name_(name) {
    FieldList<T>::fields.clear();
    FieldList<T>::computed.clear();
  }

  /// A field that Python sees as the casters make it.
  template <auto member>
  ValueClass& field(const char* name, const char* doc = "") {
    class_.def_property_readonly(
        name, [](const T& self) { return self.*member; }, doc);
    return keep<member>(name, name);
  }

  /// Text that a peer chose, which need not be UTF-8.
  template <auto member>
  ValueClass& text_field(const char* name, const char* doc = "") {
    class_.def_property_readonly(
        name, [](const T& self) { return to_text(self.*member); }, doc);
    return keep<member>(name, name);
  }

  /// A duration: `name` as a timedelta, `exact_name` as the number it is.
  template <auto member>
  ValueClass& duration_field(const char* name, const char* exact_name, const char* doc) {
    class_.def_property_readonly(
        name, [](const T& self) { return self.*member; }, doc);
    class_.def_property_readonly(
        exact_name,
        [](const T& self) -> std::optional<std::int64_t> {
          const auto& duration = self.*member;
          if (!duration) return std::nullopt;
          return duration->count();
        },
        doc);
    return keep<member>(name, exact_name);
  }

  /// JSON of any kind, kept as text: `name` reads it and may raise ContractError.
  template <auto member>
  ValueClass& json_field(const char* name, const char* doc) {
    class_.def_property_readonly(
        name, [](const T& self) { return self.*member; }, doc);
    keep<member>(name, name);
    FieldList<T>::fields.back().is_text = true;
    return *this;
  }

  template <auto member>
  ValueClass& extra_field(const char* doc) {
    class_.def_property_readonly(
        "extra", [](const T& self) { return ExtraMembers{&(self.*member)}; }, doc);
    return keep<member>("extra", "extra");
  }

  /// A field whose attribute the caller defines.
  template <auto member>
  ValueClass& hidden_field(const char* name) {
    return keep<member>(name, name);
  }

  /// Values of a kind, as a tuple.
  template <auto member>
  ValueClass& tuple_field(const char* name, const char* doc = "") {
    using Item = typename TypeOf<member>::value_type;
    class_.def_property_readonly(
        name,
        [](const T& self) {
          const auto& items = self.*member;
          py::typing::Tuple<Item, py::ellipsis> tuple((py::tuple(items.size())));
          for (std::size_t i = 0; i < items.size(); ++i) tuple[i] = py::cast(items[i]);
          return tuple;
        },
        doc);
    return keep<member>(name, name);
  }

  /// A value that others may hold too.
  template <auto member>
  ValueClass& shared_field(const char* name, const char* doc) {
    using Shared = std::remove_const_t<typename TypeOf<member>::element_type>;
    class_.def_property_readonly(
        name, [](const T& self) { return std::const_pointer_cast<Shared>(self.*member); }, doc);
    return keep<member>(name, name);
  }

  /// An attribute, and a key of to_dict(), that follows from the fields.
  template <class Compute>
  ValueClass& computed(const char* name, Compute compute, const char* doc) {
    class_.def_property_readonly(name, compute, doc);
    FieldList<T>::computed.push_back(
        {name, [](const T& self) { return py::cast(Compute()(self)); }});
    return *this;
  }

  /// The report of the call: carried along, but no part of what the value is.
  template <auto member>
  ValueClass& call_field() {
    class_.def_property_readonly(
        "call", [](const T& self) { return std::const_pointer_cast<CallReport>(self.*member); },
        "The report of every try; None for what a pure parse returns.");
    save_call_ = [](const T& self) { return State<TypeOf<member>>::save(self.*member); };
    load_call_ = [](T& self, const py::handle& call) {
      self.*member = State<TypeOf<member>>::load(call);
    };
    return *this;
  }

  py::class_<T, Bases..., std::shared_ptr<T>>& python_class() { return class_; }

  void finish() {
    class_.def("__eq__", [](const T& self, const py::object& other) -> py::object {
      if (!py::isinstance<T>(other)) return py::reinterpret_borrow<py::object>(Py_NotImplemented);
      return py::bool_(State<T>::save(self).equal(State<T>::save(other.cast<const T&>())));
    });
    class_.def("__hash__", [](const T& self) { return py::hash(State<T>::save(self)); });
    class_.def("__repr__", [name = name_](const T& self) { return represent(name, self); });
    class_.def(
        "to_dict", [](const T& self) { return py::dict(FieldList<T>::to_dict(self)); },
        "Return the fields as JSON has them: exact numbers with their unit in the name, "
        "times as ISO 8601 text.");
    class_.def("__copy__", [](const py::object& self) { return self; });
    class_.def(
        "__deepcopy__", [](const py::object& self, const py::dict&) { return self; },
        py::arg("memo"));
    define_pickle();
  }

 private:
  template <auto member>
  ValueClass& keep(const char* name, const char* plain_name) {
    using Type = TypeOf<member>;
    FieldList<T>::fields.push_back(
        {name, plain_name, [](const T& self) { return State<Type>::save(self.*member); },
         [](T& self, const py::handle& state) { self.*member = State<Type>::load(state); },
         [](const T& self) { return Plain<Type>::from(self.*member); }});
    return *this;
  }

  void define_pickle() {
    class_.def(py::pickle(
        [save = save_call_](const T& self) {
          return py::make_tuple(State<T>::save(self), save ? save(self) : py::none());
        },
        [load = load_call_](const py::tuple& state) {
          auto value = std::make_shared<T>(State<T>::load(state[0]));
          if (load) load(*value, state[1]);
          return value;
        }));
    // Whatever the protocol: by 0 and 1 Python would make a base without its value, and crash.
    class_.def("__reduce_ex__", [](const py::object& self, int) {
      const py::handle object(reinterpret_cast<PyObject*>(&PyBaseObject_Type));
      return object.attr("__reduce_ex__")(self, 2);
    });
  }

  // Short: what is absent or empty is left out.
  static std::string represent(const std::string& name, const T& self) {
    std::string text;
    for (const Field<T>& field : FieldList<T>::fields) {
      const py::object value = field.save(self);
      const bool is_silent = value.is_none() ||
                             (py::isinstance<py::tuple>(value) && py::len(value) == 0) ||
                             (py::isinstance<py::str>(value) && py::len(value) == 0);
      if (is_silent) continue;
      if (!text.empty()) text += ", ";
      text += field.plain_name + "=" + represent_field(field, self);
    }
    return name + "(" + text + ")";
  }

  static std::string represent_field(const Field<T>& field, const T& self) {
    constexpr std::size_t kExcerpt = 60;
    const py::object shown = field.is_text ? field.save(self) : field.plain(self);
    std::string text = py::repr(shown).template cast<std::string>();
    if (text.size() <= kExcerpt) return text;
    return py::repr(shown)[py::slice(0, kExcerpt, 1)].template cast<std::string>() + "...";
  }

  py::class_<T, Bases..., std::shared_ptr<T>> class_;
  std::string name_;
  py::object (*save_call_)(const T&) = nullptr;
  void (*load_call_)(T&, const py::handle&) = nullptr;
};

}  // namespace sessionvitals::python

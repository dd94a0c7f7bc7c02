#pragma once

#include <pybind11/pybind11.h>

#include <concepts>
#include <memory>
#include <string>
#include <utility>

#include "values/kinds.h"
#include "values/value_object.h"
#include "values/value_type.h"

/// Binds a struct of the core as an immutable Python value. Each field is named
/// once, and all else follows:
///
///     template <>
///     struct ValueName<RateLimit> {
///       static constexpr auto text = py::detail::const_name("sessionvitals._core.RateLimit");
///     };
///
///     ValueClass<RateLimit>(module, "RateLimit", "What a server says of its limits.")
///         .field<&RateLimit::limit>("limit", "Requests a window.")
///         .finish();
namespace sessionvitals::python {

// A value within a value.
template <IsValue T>
struct Kind<T> {
  static const ValueClassData& data() { return *find_value_class(value_type<T>); }
  static std::string annotation() { return data().name; }
  static std::string plain_annotation() { return "dict[str, typing.Any]"; }
  static py::object get(const T& value) { return to_object<T>(T(value)); }
  static py::object plain(const T& value) { return plain_value(data(), &value); }
  static T take(const py::handle& given) {
    if (const T* value = value_of<T>(given)) return *value;
    if (!py::isinstance<py::dict>(given)) raise_wrong_type(given, "a " + annotation());
    const auto members = py::reinterpret_borrow<py::dict>(given);
    return *value_of<T>(value_from_plain(data(), members));
  }
  static py::object save(const T& value) { return get(value); }
  static py::object shown(const T& value) { return get(value); }  // its repr hides its secrets
};

template <>
struct Kind<Attempts> {
  using Vector = std::vector<Attempt>;
  using All = Kind<Vector>;
  static std::string annotation() { return All::annotation(); }
  static std::string plain_annotation() { return All::plain_annotation(); }
  static py::object get(const Attempts& values) { return All::get(vector_of(values)); }
  static py::object save(const Attempts& values) { return All::save(vector_of(values)); }
  static py::object plain(const Attempts& values) { return All::plain(vector_of(values)); }
  static Attempts take(const py::handle& given) { return attempts_of(All::take(given)); }
  static Attempts load(const py::handle& state) { return attempts_of(All::load(state)); }

 private:
  static Vector vector_of(const Attempts& values) { return {values.begin(), values.end()}; }
  static Attempts attempts_of(const Vector& values) {
    return {values.data(), values.data() + values.size()};
  }
};

// A value that others may hold too.
template <IsValue T>
struct Kind<std::shared_ptr<const T>> {
  using Value = std::shared_ptr<const T>;
  static std::string annotation() { return Kind<T>::annotation() + " | None"; }
  static std::string plain_annotation() { return Kind<T>::plain_annotation() + " | None"; }
  static py::object get(const Value& value) { return to_object<T>(value); }
  static py::object plain(const Value& value) {
    if (!value) return py::none();
    return Kind<T>::plain(*value);
  }
  static py::object save(const Value& value) { return get(value); }
  static Value take(const py::handle& given) {
    if (given.is_none()) return nullptr;
    if (value_of<T>(given) != nullptr) return share_value<T>(given);
    return std::make_shared<const T>(Kind<T>::take(given));
  }
};

// The answer of whichever vendor.
template <>
struct Kind<std::shared_ptr<const Detail>> {
  using Value = std::shared_ptr<const Detail>;
  static std::string annotation() { return "Detail | None"; }
  static std::string plain_annotation() { return "dict[str, typing.Any] | None"; }
  static py::object get(const Value& value) { return answer_to_object(value); }
  static py::object plain(const Value& value) {
    if (!value) return py::none();
    return get(value).attr("to_dict")();
  }
  static py::object save(const Value& value) { return get(value); }
  static Value take(const py::handle& given) {
    if (!py::isinstance<py::dict>(given)) return answer_from_object(given);
    return answer_from_plain(py::reinterpret_borrow<py::dict>(given));
  }
};

template <class T>
bool is_equal_field(const T& left, const T& right) {
  return left == right;
}
template <class T>
bool is_equal_field(const std::shared_ptr<const T>& left, const std::shared_ptr<const T>& right) {
  using Shared = Kind<std::shared_ptr<const T>>;
  return left == right || Shared::get(left).equal(Shared::get(right));
}

template <class Owner, class Type>
Type type_of(Type Owner::*);

template <IsValue T>
class ValueClass {
 public:
  ValueClass(const py::module_& module, const char* name, const char* doc)
      : module_(module), data_(std::make_unique<ValueClassData>()) {
    data_->name = name;
    data_->doc = doc;
  }

  /// A field that Python sees as its Kind makes it.
  template <auto member>
  ValueClass& field(const char* name, const char* doc = "") {
    using Type = decltype(type_of(member));
    Field& field = data_->fields.emplace_back();
    field.name = field.json_name = name;
    field.doc = doc;
    field.annotation = Kind<Type>::annotation();
    field.plain_annotation = plain_annotation<Type>();
    field.get = [](const void* value) { return Kind<Type>::get(of(value).*member); };
    field.plain = [](const void* value) { return plain_of(of(value).*member); };
    field.save = [](const void* value) { return save_of(of(value).*member); };
    field.shown = [](const void* value) { return shown_of(of(value).*member); };
    field.take = [](void* value, const py::handle& given) {
      of(value).*member = Kind<Type>::take(given);
    };
    field.take_exact = [](void* value, const py::handle& given) {
      of(value).*member = take_exact<Type>(given);
    };
    field.load = [](void* value, const py::handle& state) {
      of(value).*member = load_from<Type>(state);
    };
    field.is_equal = [](const void* left, const void* right) {
      return is_equal_field(of(left).*member, of(right).*member);
    };
    return *this;
  }

  /// A duration: `name` as a timedelta, `exact_name` as the number it is.
  template <auto member>
  ValueClass& duration_field(const char* name, const char* exact_name, const char* doc = "") {
    field<member>(name, doc);
    Field& field = data_->fields.back();
    field.json_name = field.exact_name = exact_name;
    field.exact = field.plain;
    return *this;
  }

  /// JSON of any kind, kept as text: `name` reads it and may raise ContractError,
  /// `name_json` is the text.
  template <auto member>
  ValueClass& json_field(const char* name, const char* doc) {
    field<member>(name, doc);
    Field& field = data_->fields.back();
    field.exact_name = std::string(name) + "_json";
    field.exact = field.save;
    field.is_json = true;
    return *this;
  }

  /// Members that no contract names; nobody knows what is in them, so repr() does not show it.
  template <auto member>
  ValueClass& extra_field(const char* doc) {
    return field<member>("extra", doc).secret();
  }

  /// The report of the call: carried along, but no part of what the value is.
  template <auto member>
  ValueClass& call_field() {
    field<member>("call", "The report of every attempt; None for what a pure parse returns.");
    data_->fields.back().is_aside = true;
    return *this;
  }

  /// Has the constructor refuse to do without the field that was named last.
  ValueClass& required() {
    data_->fields.back().is_required = true;
    return *this;
  }

  /// Has repr() not show the field that was named last.
  ValueClass& secret() {
    data_->fields.back().is_secret = true;
    return *this;
  }

  /// An attribute, and a key of to_dict(), that follows from the fields.
  template <auto compute>
  ValueClass& computed(const char* name, const char* doc) {
    using Type = std::remove_cvref_t<decltype((std::declval<const T&>().*compute)())>;
    data_->computed.push_back({name, doc, Kind<Type>::annotation(), [](const void* value) {
                                 return Kind<Type>::get((of(value).*compute)());
                               }});
    return *this;
  }

  /// A classmethod of one argument that makes a value. `arguments` is for the stub.
  ValueClass& class_method(const char* name, std::string arguments, PyCFunction make,
                           const char* doc) {
    data_->class_methods.push_back({std::move(arguments), {name, make, METH_O | METH_CLASS, doc}});
    return *this;
  }

  /// What bool() says of the value.
  template <auto member>
  ValueClass& truth() {
    data_->truth = [](const void* value) -> bool { return of(value).*member; };
    return *this;
  }

  void finish() {
    data_->make = [](const void* from, const std::function<void(void*)>& fill) {
      T value = from != nullptr ? of(from) : T{};
      fill(&value);
      return to_object<T>(std::move(value));
    };
    data_->destroy = &destroy_value<T>;
    data_->size = sizeof(ValueObject<T>);
    if constexpr (std::derived_from<T, Detail>) {
      data_->answer_type = &typeid(T);
      data_->share_answer = [](std::shared_ptr<const Detail> answer) {
        return to_object<T>(std::static_pointer_cast<const T>(std::move(answer)));
      };
      data_->answer_of = [](const py::handle& object) -> std::shared_ptr<const Detail> {
        return share_value<T>(object);
      };
    }
    value_type<T> = make_value_class(module_, std::move(data_));
  }

 private:
  static const T& of(const void* value) { return *static_cast<const T*>(value); }
  static T& of(void* value) { return *static_cast<T*>(value); }

  py::module_ module_;
  std::unique_ptr<ValueClassData> data_;
};

}  // namespace sessionvitals::python

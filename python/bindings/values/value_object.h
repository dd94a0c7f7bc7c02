#pragma once

#include <pybind11/pybind11.h>

#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "sessionvitals/errors.h"
#include "sessionvitals/report.h"
#include "sessionvitals/session.h"

/// Values of the core as Python objects: one allocation, which holds the value itself
/// or shares one that others hold too. Not pybind11's instances, which may be without
/// a value, may be given another, and cost a second allocation and a table entry.
namespace sessionvitals::python {

namespace py = pybind11;

/// The Python class of a value, for signatures. Specialised where a value is bound.
template <class T>
struct ValueName;

template <>
struct ValueName<RateLimit> {
  static constexpr auto text = py::detail::const_name("sessionvitals._core.RateLimit");
};
template <>
struct ValueName<Attempt> {
  static constexpr auto text = py::detail::const_name("sessionvitals._core.Attempt");
};
template <>
struct ValueName<CallReport> {
  static constexpr auto text = py::detail::const_name("sessionvitals._core.CallReport");
};
template <>
struct ValueName<Session> {
  static constexpr auto text = py::detail::const_name("sessionvitals._core.Session");
};

template <class T>
concept IsValue = requires {
  ValueName<T>::text;
};

/// The start of every such object. The value is never absent, and never changes.
struct ValueHead {
  PyObject_HEAD const void*
      value;  // a T: in the object's own place, or that of the owner which is there
};

template <class T>
struct ValueObject {
  using Owner = std::shared_ptr<const T>;

  ValueHead head;
  alignas(T) alignas(Owner) std::byte place[std::max(sizeof(T), sizeof(Owner))];

  bool is_shared() const { return head.value != static_cast<const void*>(place); }
  Owner& owner() { return *std::launder(reinterpret_cast<Owner*>(place)); }
};

/// The class of the values of one type; nullptr before ValueClass::finish().
template <class T>
inline PyTypeObject* value_type = nullptr;

template <IsValue T>
ValueObject<T>* allocate_value() {
  auto* made = PyObject_New(ValueObject<T>, value_type<T>);
  if (made == nullptr) throw py::error_already_set();
  return made;
}

/// Returns a new object with the value.
template <IsValue T>
py::object to_object(T&& value) {
  auto* made = allocate_value<T>();
  made->head.value = new (made->place) T(std::move(value));
  return py::reinterpret_steal<py::object>(reinterpret_cast<PyObject*>(made));
}

/// Returns an object that shares the value; None for nullptr.
template <IsValue T>
py::object to_object(std::shared_ptr<const T> value) {
  if (!value) return py::none();
  auto* made = allocate_value<T>();
  made->head.value = value.get();
  new (made->place) std::shared_ptr<const T>(std::move(value));
  return py::reinterpret_steal<py::object>(reinterpret_cast<PyObject*>(made));
}

/// Returns the value of an object; nullptr if it is not of that class.
template <IsValue T>
const T* value_of(const py::handle& object) {
  if (Py_TYPE(object.ptr()) != value_type<T>) return nullptr;
  return static_cast<const T*>(reinterpret_cast<ValueHead*>(object.ptr())->value);
}

/// Returns the value of an object, which must be of that class, for others to hold too.
template <IsValue T>
std::shared_ptr<const T> share_value(const py::handle& object) {
  auto* held = reinterpret_cast<ValueObject<T>*>(object.ptr());
  if (held->is_shared()) return held->owner();
  return std::make_shared<const T>(*value_of<T>(object));
}

template <IsValue T>
void destroy_value(PyObject* self) {
  auto* held = reinterpret_cast<ValueObject<T>*>(self);
  PyTypeObject* const type = Py_TYPE(self);
  if (held->is_shared()) {
    std::destroy_at(&held->owner());
  } else {
    std::destroy_at(static_cast<const T*>(held->head.value));
  }
  PyObject_Free(self);
  Py_DECREF(type);
}

}  // namespace sessionvitals::python

namespace pybind11::detail {

template <class T>
requires sessionvitals::python::IsValue<T>
class type_caster<T> {
 public:
  static constexpr auto name = sessionvitals::python::ValueName<T>::text;
  template <class>
  using cast_op_type = const T&;

  bool load(handle source, bool) {
    value_ = sessionvitals::python::value_of<T>(source);
    return value_ != nullptr;
  }
  operator const T&() const { return *value_; }

  template <class Value>
  static handle cast(Value&& value, return_value_policy, handle) {
    if constexpr (std::is_same_v<Value, T>) {
      return sessionvitals::python::to_object<T>(std::move(value)).release();
    } else {
      return sessionvitals::python::to_object<T>(T(value)).release();
    }
  }

 private:
  const T* value_ = nullptr;
};

template <class T>
requires sessionvitals::python::IsValue<std::remove_const_t<T>>
class type_caster<std::shared_ptr<T>> {
  using Value = std::remove_const_t<T>;

 public:
  static constexpr auto name =
      sessionvitals::python::ValueName<Value>::text + const_name(" | None");
  template <class>
  using cast_op_type = std::shared_ptr<T>;

  bool load(handle source, bool) {
    const bool is_value = sessionvitals::python::value_of<Value>(source) != nullptr;
    // Nobody changes what is shared.
    if (is_value) {
      value_ = std::const_pointer_cast<Value>(sessionvitals::python::share_value<Value>(source));
    }
    return is_value || source.is_none();
  }
  operator std::shared_ptr<T>() const { return value_; }

  static handle cast(std::shared_ptr<T> value, return_value_policy, handle) {
    return sessionvitals::python::to_object<Value>(std::shared_ptr<const Value>(std::move(value)))
        .release();
  }

 private:
  std::shared_ptr<T> value_;
};

}  // namespace pybind11::detail

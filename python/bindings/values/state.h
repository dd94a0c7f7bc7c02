#pragma once

#include <pybind11/pybind11.h>

#include <chrono>
#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "values/casters.h"

/// The exact content of a value as plain Python objects (None, bool, int, float,
/// str, tuple): what equality, hash and pickle are made from. Both ways lose
/// nothing.
namespace sessionvitals::python {

/// The fields of a value, each as a pair of functions; see ValueClass.
template <class T>
struct FieldList;

py::object save_text(const std::string& text);
std::string load_text(const py::handle& state);

template <class T>
struct State {  // a value with a FieldList
  static py::object save(const T& value) {
    const auto& fields = FieldList<T>::fields;
    py::tuple state(fields.size());
    for (std::size_t i = 0; i < fields.size(); ++i) state[i] = fields[i].save(value);
    return state;
  }
  static T load(const py::handle& state) {
    T value;
    const auto items = py::reinterpret_borrow<py::tuple>(state);
    const auto& fields = FieldList<T>::fields;
    if (items.size() != fields.size()) throw py::value_error("pickled by another version");
    for (std::size_t i = 0; i < fields.size(); ++i) fields[i].load(value, items[i]);
    return value;
  }
};

template <class T>
requires std::is_arithmetic_v<T>
struct State<T> {
  static py::object save(T value) { return py::cast(value); }
  static T load(const py::handle& state) { return state.cast<T>(); }
};

template <class T>
requires std::is_enum_v<T>
struct State<T> {
  static py::object save(T value) { return py::cast(static_cast<int>(value)); }
  static T load(const py::handle& state) { return static_cast<T>(state.cast<int>()); }
};

template <>
struct State<std::string> {
  static py::object save(const std::string& value) { return save_text(value); }
  static std::string load(const py::handle& state) { return load_text(state); }
};

template <>
struct State<JsonText> {
  static py::object save(const JsonText& value) { return save_text(value.json); }
  static JsonText load(const py::handle& state) { return {load_text(state)}; }
};

template <>
struct State<ExtraMember> {
  static py::object save(const ExtraMember& value) {
    return py::make_tuple(save_text(value.name), save_text(value.json));
  }
  static ExtraMember load(const py::handle& state) {
    const auto pair = py::reinterpret_borrow<py::tuple>(state);
    return {load_text(pair[0]), load_text(pair[1])};
  }
};

template <class Rep, class Period>
struct State<std::chrono::duration<Rep, Period>> {
  using Duration = std::chrono::duration<Rep, Period>;
  static py::object save(Duration value) { return py::cast(value.count()); }
  static Duration load(const py::handle& state) { return Duration(state.cast<Rep>()); }
};

template <>
struct State<Timestamp> {
  static py::object save(Timestamp value) { return py::cast(value.time_since_epoch().count()); }
  static Timestamp load(const py::handle& state) {
    return Timestamp(std::chrono::microseconds(state.cast<std::int64_t>()));
  }
};

template <class T>
struct State<std::optional<T>> {
  static py::object save(const std::optional<T>& value) {
    return value ? State<T>::save(*value) : py::none();
  }
  static std::optional<T> load(const py::handle& state) {
    if (state.is_none()) return std::nullopt;
    return State<T>::load(state);
  }
};

template <class T>
struct State<std::vector<T>> {
  static py::object save(const std::vector<T>& values) {
    py::tuple state(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) state[i] = State<T>::save(values[i]);
    return state;
  }
  static std::vector<T> load(const py::handle& state) {
    std::vector<T> values;
    for (const auto& item : state) values.push_back(State<T>::load(item));
    return values;
  }
};

// An object that other objects share is pickled as itself.
template <class T>
struct State<std::shared_ptr<const T>> {
  static py::object save(const std::shared_ptr<const T>& value) {
    return py::cast(std::const_pointer_cast<T>(value));
  }
  static std::shared_ptr<const T> load(const py::handle& state) {
    if (state.is_none()) return nullptr;
    return state.cast<std::shared_ptr<T>>();
  }
};

}  // namespace sessionvitals::python

#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "values/casters.h"
#include "values/state.h"

/// A value as JSON has it, for to_dict(): exact numbers, times as text, nested
/// values as dicts.
namespace sessionvitals::python {

template <class T>
struct Plain {
  static py::object from(const T& value) {
    if constexpr (std::is_arithmetic_v<T>) {
      return py::cast(value);
    } else {
      return FieldList<T>::to_dict(value);
    }
  }
};

template <>
struct Plain<std::string> {
  static py::object from(const std::string& value) { return to_text(value); }
};

template <>
struct Plain<Timestamp> {
  static py::object from(Timestamp value) { return to_text(format_timestamp(value)); }
};

template <>
struct Plain<SessionState> {
  static py::object from(SessionState value) { return to_text(state_name(value)); }
};

template <>
struct Plain<Phase> {
  static py::object from(Phase value) { return to_text(phase_name(value)); }
};

template <class Rep, class Period>
struct Plain<std::chrono::duration<Rep, Period>> {
  static py::object from(std::chrono::duration<Rep, Period> value) {
    return py::cast(value.count());
  }
};

template <>
struct Plain<JsonText> {
  static py::object from(const JsonText& value) { return read_json(value.json); }
};

template <class T>
struct Plain<std::optional<T>> {
  static py::object from(const std::optional<T>& value) {
    return value ? Plain<T>::from(*value) : py::none();
  }
};

template <class T>
struct Plain<std::vector<T>> {
  static py::object from(const std::vector<T>& values) {
    py::list list;
    for (const T& value : values) list.append(Plain<T>::from(value));
    return list;
  }
};

template <>
struct Plain<std::vector<ExtraMember>> {
  static py::object from(const std::vector<ExtraMember>& values) { return read_extra(values); }
};

// Which class is behind it, Python knows.
template <class T>
struct Plain<std::shared_ptr<const T>> {
  static py::object from(const std::shared_ptr<const T>& value) {
    if (!value) return py::none();
    return py::cast(std::const_pointer_cast<T>(value)).attr("to_dict")();
  }
};

}  // namespace sessionvitals::python

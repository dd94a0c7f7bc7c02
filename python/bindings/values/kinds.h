#pragma once

#include <pybind11/pybind11.h>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "sessionvitals/report.h"
#include "sessionvitals/session.h"
#include "sessionvitals/timestamp.h"
#include "values/casters.h"

/// What a field of a value is in Python, one Kind for each C++ type:
///
///   get()    the attribute                      take()   the same as an argument
///   plain()  its JSON form, for to_dict()       exact()  the same as an argument
///   save()   its part of a pickle               load()   the same from a pickle
///   shown()  what repr() shows: mostly as plain()
///
/// What is not there is as the one before it, so that most have only the first two.
/// take(), exact() and load() raise TypeError or ValueError, in words that follow
/// a name: "must be an int, not str".
namespace sessionvitals::python {

[[noreturn]] void raise_wrong_type(const py::handle& given, std::string_view expected);

template <class T>
struct Kind;

template <class T>
py::object plain_of(const T& value) {
  if constexpr (requires { Kind<T>::plain(value); }) {
    return Kind<T>::plain(value);
  } else {
    return Kind<T>::get(value);
  }
}
template <class T>
T take_exact(const py::handle& given) {
  if constexpr (requires { Kind<T>::exact(given); }) {
    return Kind<T>::exact(given);
  } else {
    return Kind<T>::take(given);
  }
}
template <class T>
py::object save_of(const T& value) {
  if constexpr (requires { Kind<T>::save(value); }) {
    return Kind<T>::save(value);
  } else {
    return plain_of(value);
  }
}
template <class T>
T load_from(const py::handle& state) {
  if constexpr (requires { Kind<T>::load(state); }) {
    return Kind<T>::load(state);
  } else {
    return take_exact<T>(state);
  }
}
template <class T>
py::object shown_of(const T& value) {
  if constexpr (requires { Kind<T>::shown(value); }) {
    return Kind<T>::shown(value);
  } else {
    return plain_of(value);
  }
}
template <class T>
std::string plain_annotation() {
  if constexpr (requires { Kind<T>::plain_annotation(); }) {
    return Kind<T>::plain_annotation();
  } else {
    return Kind<T>::annotation();
  }
}

template <>
struct Kind<std::string> {
  static std::string annotation() { return "str"; }
  static py::object get(const std::string& value) { return to_text(value); }
  static std::string take(const py::handle& given);
  // What a peer sent need not be UTF-8, and must come back the same.
  static py::object save(const std::string& value);
  static std::string load(const py::handle& state);
};

template <>
struct Kind<SharedText> {
  using Text = Kind<std::string>;
  static std::string annotation() { return Text::annotation(); }
  static py::object get(const SharedText& value) { return to_text(value); }
  static SharedText take(const py::handle& given) { return Text::take(given); }
  static py::object save(const SharedText& value) { return Text::save(value.str()); }
  static SharedText load(const py::handle& state) { return Text::load(state); }
};

std::int64_t take_integer(const py::handle& given, std::int64_t least, std::int64_t most);

template <std::integral T>
struct Kind<T> {
  static std::string annotation() { return "int"; }
  static py::object get(T value) { return py::int_(value); }
  static T take(const py::handle& given) {
    constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
    const bool fits = std::in_range<std::int64_t>(std::numeric_limits<T>::max());
    return static_cast<T>(
        take_integer(given, static_cast<std::int64_t>(std::numeric_limits<T>::min()),
                     fits ? static_cast<std::int64_t>(std::numeric_limits<T>::max()) : kMax));
  }
};

template <>
struct Kind<bool> {
  static std::string annotation() { return "bool"; }
  static py::object get(bool value) { return py::bool_(value); }
  static bool take(const py::handle& given);
};

template <>
struct Kind<double> {
  static std::string annotation() { return "float"; }
  static py::object get(double value) { return py::float_(value); }
  static double take(const py::handle& given);
};

template <>
struct Kind<SessionState> {
  static std::string annotation() { return "sessionvitals.states.SessionState"; }
  static std::string plain_annotation() { return "str"; }
  static py::object get(SessionState value);
  static SessionState take(const py::handle& given);
  static py::object plain(SessionState value) { return to_text(state_name(value)); }
};

template <>
struct Kind<Phase> {
  static std::string annotation() { return "str"; }
  static py::object get(Phase value) { return to_text(phase_name(value)); }
  static Phase take(const py::handle& given);
};

/// A timedelta's whole seconds, and the microseconds beyond them.
struct Delta {
  std::int64_t seconds;
  std::int64_t microseconds;
};
Delta take_timedelta(const py::handle& given);

template <class Rep, class Period>
struct Kind<std::chrono::duration<Rep, Period>> {
  using Duration = std::chrono::duration<Rep, Period>;
  static constexpr std::int64_t kPerSecond = Period::den;
  static constexpr std::int64_t kMicroseconds = 1'000'000 / kPerSecond;  // of one

  static std::string annotation() { return "datetime.timedelta"; }
  static std::string plain_annotation() { return "int"; }
  static py::object get(Duration value) { return to_timedelta(value); }
  static Duration take(const py::handle& given) {
    const Delta delta = take_timedelta(given);
    if (delta.microseconds % kMicroseconds != 0) {
      throw py::value_error("is finer than the field: it holds whole " + unit());
    }
    constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max() / kPerSecond - 1;
    if (delta.seconds > kMax || delta.seconds < -kMax) {
      throw py::value_error("is too long for the field");
    }
    return Duration(delta.seconds * kPerSecond + delta.microseconds / kMicroseconds);
  }
  static py::object plain(Duration value) { return py::int_(value.count()); }
  static Duration exact(const py::handle& given) { return Duration(Kind<Rep>::take(given)); }
  static std::string unit() {
    if (kPerSecond == 1) return "seconds";
    return kPerSecond == 1000 ? "milliseconds" : "microseconds";
  }
};

template <>
struct Kind<Timestamp> {
  static std::string annotation() { return "datetime.datetime"; }
  static std::string plain_annotation() { return "str"; }
  static py::object get(Timestamp value) { return to_datetime(value); }
  static Timestamp take(const py::handle& given);  // an aware datetime, or text of RFC 3339
  static py::object plain(Timestamp value) { return to_text(format_timestamp(value)); }
  static py::object save(Timestamp value) { return py::int_(value.time_since_epoch().count()); }
  static Timestamp load(const py::handle& state);
};

template <>
struct Kind<JsonText> {
  static std::string annotation() { return "typing.Any"; }
  static py::object get(const JsonText& value) { return read_json(value.json); }
  static JsonText take(const py::handle& given);
  static JsonText exact(const py::handle& given);  // its text
  static py::object save(const JsonText& value) { return Kind<std::string>::save(value.json); }
  static py::object shown(const JsonText& value) { return save(value); }
  static JsonText load(const py::handle& state) { return {Kind<std::string>::load(state)}; }
};

template <class T>
struct Kind<std::optional<T>> {
  using Value = std::optional<T>;
  static std::string annotation() { return Kind<T>::annotation() + " | None"; }
  static std::string plain_annotation() { return python::plain_annotation<T>() + " | None"; }
  static py::object get(const Value& value) { return value ? Kind<T>::get(*value) : py::none(); }
  static py::object plain(const Value& value) { return value ? plain_of(*value) : py::none(); }
  static py::object save(const Value& value) { return value ? save_of(*value) : py::none(); }
  static py::object shown(const Value& value) { return value ? shown_of(*value) : py::none(); }
  static Value take(const py::handle& given) {
    if (given.is_none()) return std::nullopt;
    return Kind<T>::take(given);
  }
  static Value exact(const py::handle& given) {
    if (given.is_none()) return std::nullopt;
    return take_exact<T>(given);
  }
  static Value load(const py::handle& state) {
    if (state.is_none()) return std::nullopt;
    return load_from<T>(state);
  }
};
template <>
struct Kind<OptionalSeconds> {
  using Optional = Kind<std::optional<std::chrono::seconds>>;
  static std::string annotation() { return Optional::annotation(); }
  static std::string plain_annotation() { return Optional::plain_annotation(); }
  static py::object get(OptionalSeconds value) { return Optional::get(optional_of(value)); }
  static py::object plain(OptionalSeconds value) { return Optional::plain(optional_of(value)); }
  static py::object save(OptionalSeconds value) { return Optional::save(optional_of(value)); }
  static py::object shown(OptionalSeconds value) { return Optional::shown(optional_of(value)); }
  static OptionalSeconds take(const py::handle& given) { return from(Optional::take(given)); }
  static OptionalSeconds exact(const py::handle& given) { return from(Optional::exact(given)); }
  static OptionalSeconds load(const py::handle& state) { return from(Optional::load(state)); }

 private:
  static std::optional<std::chrono::seconds> optional_of(OptionalSeconds value) {
    return value ? std::optional(*value) : std::nullopt;
  }
  static OptionalSeconds from(const std::optional<std::chrono::seconds>& value) {
    if (!value) return {};
    if (*value == OptionalSeconds::kNone) throw py::value_error("is too long for the field");
    return *value;
  }
};

template <>
inline std::string Kind<std::optional<JsonText>>::annotation() {
  return "typing.Any";
}

template <class T>
struct Kind<std::vector<T>> {
  static std::string annotation() { return "tuple[" + Kind<T>::annotation() + ", ...]"; }
  static std::string plain_annotation() { return "list[" + python::plain_annotation<T>() + "]"; }
  static py::object get(const std::vector<T>& values) { return tuple_of(values, &Kind<T>::get); }
  static py::object save(const std::vector<T>& values) { return tuple_of(values, &save_of<T>); }
  static py::object plain(const std::vector<T>& values) {
    return py::list(tuple_of(values, &plain_of<T>));
  }
  static py::object shown(const std::vector<T>& values) {
    return py::list(tuple_of(values, &shown_of<T>));
  }
  static std::vector<T> take(const py::handle& given) { return vector_of(given, &Kind<T>::take); }
  static std::vector<T> load(const py::handle& state) { return vector_of(state, &load_from<T>); }

 private:
  template <class Function>
  static py::tuple tuple_of(const std::vector<T>& values, Function function) {
    py::tuple tuple(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) tuple[i] = function(values[i]);
    return tuple;
  }
  template <class Function>
  static std::vector<T> vector_of(const py::handle& given, Function function) {
    if (!py::isinstance<py::tuple>(given) && !py::isinstance<py::list>(given)) {
      raise_wrong_type(given, "a tuple or list");
    }
    std::vector<T> values;
    for (const py::handle item : py::tuple(py::reinterpret_borrow<py::object>(given))) {
      values.push_back(function(item));
    }
    return values;
  }
};

template <>
struct Kind<std::vector<ExtraMember>> {
  static std::string annotation() { return "dict[str, typing.Any]"; }
  static py::object get(const std::vector<ExtraMember>& extra) { return read_extra(extra); }
  static std::vector<ExtraMember> take(const py::handle& given);
  static py::object save(const std::vector<ExtraMember>& extra);
  static std::vector<ExtraMember> load(const py::handle& state);
};

}  // namespace sessionvitals::python

#include "values/kinds.h"

#include <datetime.h>

#include <array>
#include <cmath>

#include "sessionvitals/providers/reading/json_reader.h"

namespace sessionvitals::python {

namespace {

bool ensure_datetime() {
  if (PyDateTimeAPI == nullptr) PyDateTime_IMPORT;
  if (PyDateTimeAPI == nullptr) throw py::error_already_set();
  return true;
}

std::string encode(const py::handle& text, const char* errors) {
  if (PyUnicode_Check(text.ptr()) == 0) raise_wrong_type(text, "a str");
  const auto bytes =
      py::reinterpret_steal<py::bytes>(PyUnicode_AsEncodedString(text.ptr(), "utf-8", errors));
  if (bytes) return bytes;
  PyErr_Clear();
  throw py::value_error("has a lone surrogate, which is no character");
}

Timestamp to_timestamp(std::chrono::sys_days day, std::chrono::microseconds since) {
  using namespace std::chrono;
  constexpr Timestamp kFirst = sys_days(year(1) / January / 1);
  constexpr Timestamp kEnd = sys_days(year(10'000) / January / 1);
  const Timestamp time = day + since;
  if (time >= kFirst && time < kEnd) return time;
  throw py::value_error("is outside of the years 1 to 9999");
}

template <class Enum>
Enum take_name(const py::handle& given, Enum last, std::string_view (*name_of)(Enum)) {
  const std::string name = Kind<std::string>::take(given);
  std::string known;
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    const auto value = static_cast<Enum>(i);
    if (name_of(value) == name) return value;
    known.append(i == 0 ? "" : ", ").append(name_of(value));
  }
  throw py::value_error("must be one of " + known);
}

}  // namespace

void raise_wrong_type(const py::handle& given, std::string_view expected) {
  throw py::type_error("must be " + std::string(expected) + ", not " +
                       std::string(Py_TYPE(given.ptr())->tp_name));
}

std::string Kind<std::string>::take(const py::handle& given) { return encode(given, "strict"); }

py::object Kind<std::string>::save(const std::string& value) {
  PyObject* saved =
      PyUnicode_DecodeUTF8(value.data(), static_cast<Py_ssize_t>(value.size()), "surrogateescape");
  if (saved == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(saved);
}

std::string Kind<std::string>::load(const py::handle& state) {
  return encode(state, "surrogateescape");
}

std::int64_t take_integer(const py::handle& given, std::int64_t least, std::int64_t most) {
  if (PyLong_Check(given.ptr()) == 0 || PyBool_Check(given.ptr()) != 0) {
    raise_wrong_type(given, "an int");
  }
  int overflow = 0;
  const std::int64_t value = PyLong_AsLongLongAndOverflow(given.ptr(), &overflow);
  if (overflow != 0 || value < least || value > most) {
    throw py::value_error("must be from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return value;
}

bool Kind<bool>::take(const py::handle& given) {
  if (PyBool_Check(given.ptr()) == 0) raise_wrong_type(given, "a bool");
  return given.ptr() == Py_True;
}

double Kind<double>::take(const py::handle& given) {
  const bool is_int = PyLong_Check(given.ptr()) != 0 && PyBool_Check(given.ptr()) == 0;
  if (!is_int && PyFloat_Check(given.ptr()) == 0) raise_wrong_type(given, "a float");
  const double value = PyFloat_AsDouble(given.ptr());
  if (PyErr_Occurred() != nullptr) {
    PyErr_Clear();
    throw py::value_error("is larger than a float can be");
  }
  if (std::isnan(value)) throw py::value_error("must be a number");
  return value;
}

py::object Kind<SessionState>::get(SessionState value) {
  // Never freed, and made under the GIL alone: two threads at once make it twice.
  static const std::vector<py::object>* members = nullptr;
  if (members == nullptr) {
    const py::object type = py::module_::import("sessionvitals.states").attr("SessionState");
    auto* const found = new std::vector<py::object>();
    for (int i = 0; i <= static_cast<int>(SessionState::unknown); ++i) {
      found->push_back(type(to_text(state_name(static_cast<SessionState>(i)))));
    }
    members = found;
  }
  return (*members)[static_cast<std::size_t>(value)];
}

SessionState Kind<SessionState>::take(const py::handle& given) {
  return take_name(given, SessionState::unknown, &state_name);
}

Phase Kind<Phase>::take(const py::handle& given) {
  return take_name(given, Phase::wait, &phase_name);
}

Delta take_timedelta(const py::handle& given) {
  ensure_datetime();
  if (PyDelta_Check(given.ptr()) == 0) raise_wrong_type(given, "a datetime.timedelta");
  return {.seconds = PyDateTime_DELTA_GET_DAYS(given.ptr()) * std::int64_t{86'400} +
                     PyDateTime_DELTA_GET_SECONDS(given.ptr()),
          .microseconds = PyDateTime_DELTA_GET_MICROSECONDS(given.ptr())};
}

Timestamp Kind<Timestamp>::take(const py::handle& given) {
  using namespace std::chrono;
  ensure_datetime();
  if (PyUnicode_Check(given.ptr()) != 0) {
    if (const auto time = parse_timestamp(Kind<std::string>::take(given))) return *time;
    throw py::value_error("is no time of RFC 3339 with Z or an offset");
  }
  if (PyDateTime_Check(given.ptr()) == 0) raise_wrong_type(given, "a datetime.datetime");
  const py::object offset = given.attr("utcoffset")();
  if (offset.is_none()) throw py::value_error("must be aware: give it a tzinfo");
  const Delta shift = take_timedelta(offset);
  PyObject* const time = given.ptr();
  const sys_days day = year(PyDateTime_GET_YEAR(time)) / int{PyDateTime_GET_MONTH(time)} /
                       int{PyDateTime_GET_DAY(time)};
  return to_timestamp(
      day, hours(PyDateTime_DATE_GET_HOUR(time)) + minutes(PyDateTime_DATE_GET_MINUTE(time)) +
               seconds(PyDateTime_DATE_GET_SECOND(time) - shift.seconds) +
               microseconds(PyDateTime_DATE_GET_MICROSECOND(time) - shift.microseconds));
}

Timestamp Kind<Timestamp>::load(const py::handle& state) {
  constexpr std::int64_t kMax = std::int64_t{1} << 60U;  // far beyond what to_timestamp() allows
  return to_timestamp({}, std::chrono::microseconds(take_integer(state, -kMax, kMax)));
}

JsonText Kind<JsonText>::take(const py::handle& given) {
  try {
    const py::object write = py::module_::import("sessionvitals.json_text").attr("write_json");
    return {Kind<std::string>::take(write(given))};
  } catch (py::error_already_set& error) {
    for (PyObject* kind : {PyExc_TypeError, PyExc_ValueError, PyExc_RecursionError}) {
      if (error.matches(kind))
        throw py::value_error("must be JSON: " + from_text(py::str(error.value())));
    }
    throw;
  }
}

JsonText Kind<JsonText>::exact(const py::handle& given) {
  JsonText text{Kind<std::string>::take(given)};
  providers::JsonReader reader(text.json);
  std::string_view value;
  if (!reader.skip_unread(value) || !reader.finish()) throw py::value_error("must be JSON");
  text.json = value;
  return text;
}

std::vector<ExtraMember> Kind<std::vector<ExtraMember>>::take(const py::handle& given) {
  if (!py::isinstance<py::dict>(given)) raise_wrong_type(given, "a dict");
  std::vector<ExtraMember> extra;
  for (const py::handle item : py::list(given.attr("items")())) {
    const auto pair = py::reinterpret_borrow<py::tuple>(item);
    extra.push_back({Kind<std::string>::take(pair[0]), Kind<JsonText>::take(pair[1]).json});
  }
  return extra;
}

py::object Kind<std::vector<ExtraMember>>::save(const std::vector<ExtraMember>& extra) {
  py::tuple saved(extra.size());
  for (std::size_t i = 0; i < extra.size(); ++i) {
    saved[i] = py::make_tuple(Kind<std::string>::save(extra[i].name),
                              Kind<std::string>::save(extra[i].json));
  }
  return saved;
}

std::vector<ExtraMember> Kind<std::vector<ExtraMember>>::load(const py::handle& state) {
  std::vector<ExtraMember> extra;
  if (!py::isinstance<py::tuple>(state)) raise_wrong_type(state, "a tuple");
  for (const py::handle item : py::reinterpret_borrow<py::tuple>(state)) {
    if (!py::isinstance<py::tuple>(item) || py::len(item) != 2) raise_wrong_type(item, "a pair");
    const auto pair = py::reinterpret_borrow<py::tuple>(item);
    extra.push_back({Kind<std::string>::load(pair[0]), Kind<std::string>::load(pair[1])});
  }
  return extra;
}

}  // namespace sessionvitals::python

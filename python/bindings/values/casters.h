#pragma once

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "sessionvitals/session.h"
#include "sessionvitals/timestamp.h"

/// How values cross into Python: times as aware datetimes, durations as
/// timedeltas, JSON text as what it says. (pybind11's own chrono.h would make a
/// time a naive local one.)
namespace sessionvitals::python {

namespace py = pybind11;

py::object to_datetime(Timestamp time);
/// Raise OverflowError, naming what to read instead, past what a timedelta holds.
py::object to_timedelta(std::chrono::seconds duration);
py::object to_timedelta(std::chrono::milliseconds duration);
py::object to_timedelta(std::chrono::microseconds duration);
/// Raises ContractError if the text is no JSON that Python can hold.
py::object read_json(const std::string& json);
py::dict read_extra(const std::vector<ExtraMember>& extra);
/// Text of a peer, which may be anything: what is not UTF-8 is replaced.
py::str to_text(std::string_view bytes);
/// The other way; what is no character is escaped.
std::string from_text(const py::handle& text);

}  // namespace sessionvitals::python

namespace pybind11::detail {

template <>
struct type_caster<sessionvitals::Timestamp> {
  PYBIND11_TYPE_CASTER(sessionvitals::Timestamp, const_name("datetime.datetime"));
  bool load(handle, bool) { return false; }
  static handle cast(sessionvitals::Timestamp time, return_value_policy, handle) {
    return sessionvitals::python::to_datetime(time).release();
  }
};

template <>
struct type_caster<std::chrono::seconds> {
  PYBIND11_TYPE_CASTER(std::chrono::seconds, const_name("datetime.timedelta"));
  bool load(handle, bool) { return false; }
  static handle cast(std::chrono::seconds duration, return_value_policy, handle) {
    return sessionvitals::python::to_timedelta(duration).release();
  }
};

template <>
struct type_caster<std::chrono::milliseconds> {
  PYBIND11_TYPE_CASTER(std::chrono::milliseconds, const_name("datetime.timedelta"));
  bool load(handle, bool) { return false; }
  static handle cast(std::chrono::milliseconds duration, return_value_policy, handle) {
    return sessionvitals::python::to_timedelta(duration).release();
  }
};

template <>
struct type_caster<std::chrono::microseconds> {
  PYBIND11_TYPE_CASTER(std::chrono::microseconds, const_name("datetime.timedelta"));
  bool load(handle, bool) { return false; }
  static handle cast(std::chrono::microseconds duration, return_value_policy, handle) {
    return sessionvitals::python::to_timedelta(duration).release();
  }
};

}  // namespace pybind11::detail

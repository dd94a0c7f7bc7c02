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
Timestamp from_datetime(const py::handle& datetime);
/// Raises OverflowError, naming `what` to read instead, past what a timedelta holds.
py::object to_timedelta(std::chrono::microseconds duration);
py::object to_timedelta_seconds(std::int64_t seconds);
py::object to_timedelta_milliseconds(std::int64_t milliseconds);
/// Raises ContractError if the text is no JSON that Python can hold.
py::object read_json(const std::string& json);
py::dict read_extra(const std::vector<ExtraMember>& extra);
/// Text of a peer, which may be anything: what is not UTF-8 is replaced.
py::str to_text(std::string_view bytes);

/// An exception of sessionvitals.errors, or None.
struct ErrorObject {
  py::object error;
};

/// `.extra` of an answer, as a dict of what the members say.
struct ExtraMembers {
  const std::vector<ExtraMember>* members;
};

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
    return sessionvitals::python::to_timedelta_seconds(duration.count()).release();
  }
};

template <>
struct type_caster<std::chrono::milliseconds> {
  PYBIND11_TYPE_CASTER(std::chrono::milliseconds, const_name("datetime.timedelta"));
  bool load(handle, bool) { return false; }
  static handle cast(std::chrono::milliseconds duration, return_value_policy, handle) {
    return sessionvitals::python::to_timedelta_milliseconds(duration.count()).release();
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

template <>
struct type_caster<sessionvitals::JsonText> {
  PYBIND11_TYPE_CASTER(sessionvitals::JsonText, const_name("typing.Any"));
  bool load(handle, bool) { return false; }
  static handle cast(const sessionvitals::JsonText& text, return_value_policy, handle) {
    return sessionvitals::python::read_json(text.json).release();
  }
};

template <>
struct type_caster<sessionvitals::python::ExtraMembers> {
  PYBIND11_TYPE_CASTER(sessionvitals::python::ExtraMembers, const_name("dict[str, typing.Any]"));
  bool load(handle, bool) { return false; }
  static handle cast(sessionvitals::python::ExtraMembers extra, return_value_policy, handle) {
    return sessionvitals::python::read_extra(*extra.members).release();
  }
};

template <>
struct type_caster<sessionvitals::python::ErrorObject> {
  PYBIND11_TYPE_CASTER(sessionvitals::python::ErrorObject,
                       const_name("sessionvitals.errors.SessionVitalsError | None"));
  bool load(handle, bool) { return false; }
  static handle cast(const sessionvitals::python::ErrorObject& object, return_value_policy,
                     handle) {
    return pybind11::object(object.error).release();
  }
};

template <>
struct type_caster<sessionvitals::SessionState> {
  PYBIND11_TYPE_CASTER(sessionvitals::SessionState,
                       const_name("sessionvitals.states.SessionState"));
  bool load(handle, bool) { return false; }
  static handle cast(sessionvitals::SessionState state, return_value_policy, handle) {
    // A module import that is one look into sys.modules after the first.
    const object type = module_::import("sessionvitals.states").attr("SessionState");
    return type(str(std::string(sessionvitals::state_name(state)))).release();
  }
};

}  // namespace pybind11::detail

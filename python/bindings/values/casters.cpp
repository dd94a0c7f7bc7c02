#include "values/casters.h"

#include <datetime.h>

#include "values/page.h"

namespace sessionvitals::python {

namespace {

// Py_datetime.h keeps its table in a static of this file.
void ensure_datetime() {
  if (PyDateTimeAPI != nullptr) return;
  PyDateTime_IMPORT;
  if (PyDateTimeAPI == nullptr) throw py::error_already_set();
}

constexpr std::int64_t kSecondsADay = 86'400;
constexpr std::int64_t kMaxDays = 999'999'999;  // of a timedelta

py::object make_timedelta(std::int64_t seconds, int microseconds, const char* instead) {
  ensure_datetime();
  std::int64_t days = seconds / kSecondsADay;
  std::int64_t rest = seconds % kSecondsADay;
  if (rest < 0) {
    rest += kSecondsADay;
    --days;
  }
  if (days > kMaxDays || days < -kMaxDays) {
    const std::string message =
        std::string("the duration is longer than a timedelta can hold; read ") + instead;
    PyErr_SetString(PyExc_OverflowError, message.c_str());
    throw py::error_already_set();
  }
  return py::reinterpret_steal<py::object>(
      PyDelta_FromDSU(static_cast<int>(days), static_cast<int>(rest), microseconds));
}

}  // namespace

py::object to_datetime(Timestamp time) {
  ensure_datetime();
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  PyObject* made = PyDateTimeAPI->DateTime_FromDateAndTime(
      static_cast<int>(date.year()), static_cast<int>(static_cast<unsigned>(date.month())),
      static_cast<int>(static_cast<unsigned>(date.day())), static_cast<int>(clock.hours().count()),
      static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
      static_cast<int>(clock.subseconds().count()), PyDateTime_TimeZone_UTC,
      PyDateTimeAPI->DateTimeType);
  if (made == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(made);
}

py::object to_timedelta(std::chrono::microseconds duration) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(duration);
  return make_timedelta(seconds.count(), static_cast<int>((duration - seconds).count()), "it raw");
}

py::object to_timedelta(std::chrono::seconds duration) {
  return make_timedelta(duration.count(), 0, "duration_seconds");
}

py::object to_timedelta(std::chrono::milliseconds duration) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(duration);
  const auto rest = static_cast<int>((duration - seconds).count());
  return make_timedelta(seconds.count(), rest * 1000, "time_remaining_milliseconds");
}

py::object read_json(const std::string& json) {
  return py::module_::import("sessionvitals.json_text").attr("read_json")(py::bytes(json));
}

py::dict read_extra(const std::vector<ExtraMember>& extra) {
  py::dict members;
  for (const ExtraMember& member : extra) members[to_text(member.name)] = read_json(member.json);
  return members;
}

py::object to_page(py::tuple items, const std::optional<std::string>& next,
                   std::shared_ptr<const CallReport> call) {
  py::object page = py::module_::import("sessionvitals.page").attr("Page")(std::move(items));
  if (next) page.attr("next") = to_text(*next);
  page.attr("call") = to_object<CallReport>(std::move(call));
  return page;
}

py::str to_text(std::string_view bytes) {
  PyObject* text =
      PyUnicode_DecodeUTF8(bytes.data(), static_cast<Py_ssize_t>(bytes.size()), "replace");
  if (text == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::str>(text);
}

std::string from_text(const py::handle& text) {
  const auto bytes = py::reinterpret_steal<py::bytes>(
      PyUnicode_AsEncodedString(text.ptr(), "utf-8", "backslashreplace"));
  if (!bytes) throw py::error_already_set();
  return bytes;
}

}  // namespace sessionvitals::python

#include "runtime/logging.h"

#include <atomic>
#include <chrono>

#include "values/casters.h"
#include "values/value_object.h"

namespace sessionvitals::python {

namespace {

bool is_logging_imported() {
  static PyObject* const name = PyUnicode_InternFromString("logging");
  return PyDict_Contains(PyImport_GetModuleDict(), name) == 1;
}

/// What sessionvitals.logs has for us. Kept for good: a call may come at any time.
struct Listener {
  py::object is_enabled;
  py::object note;
  py::object known_levels;  // what is_enabled has said since a level changed: a dict, or None
};

// Guarded by the GIL; two threads at once would find the same twice. Not pybind11's
// call_once, in which a daemon thread cannot be ended (gil.h).
const Listener* known_listener = nullptr;

const Listener& listener() {
  if (known_listener == nullptr) {
    const py::object logs =
        py::module_::import("sessionvitals.lazy_import").attr("load")("sessionvitals.logs");
    known_listener =
        new Listener{logs.attr("is_enabled"), logs.attr("note"), logs.attr("known_levels")};
  }
  return *known_listener;
}

// What goes wrong with a log must not cost the answer.
template <class Log>
void guarded(Log&& log) {
  try {
    log();
  } catch (py::error_already_set& error) {
    if (!error.matches(PyExc_Exception)) throw;
    error.discard_as_unraisable("sessionvitals.logs");
  }
}

// A wrong clock goes with every call, and is worth a warning a minute: logs.py need
// not hear of it more than once a second.
bool is_skew_due() {
  using Seconds = std::chrono::steady_clock::duration::rep;
  static std::atomic<Seconds> last{-1};
  const auto now = std::chrono::steady_clock::now().time_since_epoch() / std::chrono::seconds(1);
  return last.exchange(now, std::memory_order_relaxed) != now;
}

}  // namespace

bool is_log_enabled(int level) {
  if (known_listener == nullptr && !is_logging_imported()) return false;
  bool is_enabled = false;
  guarded([&] {
    // With CPython's own calls, as this is part of every call of a client.
    const auto number = py::reinterpret_steal<py::object>(PyLong_FromLong(level));
    const py::object& known = listener().known_levels;
    if (PyDict_CheckExact(known.ptr()) != 0) {
      if (PyObject* said = PyDict_GetItemWithError(known.ptr(), number.ptr())) {
        is_enabled = said == Py_True;
        return;
      }
    }
    const auto said = py::reinterpret_steal<py::object>(
        PyObject_CallOneArg(listener().is_enabled.ptr(), number.ptr()));
    if (!said) throw py::error_already_set();
    is_enabled = said.is(py::handle(Py_True));
  });
  return is_enabled;
}

LogLevels find_log_levels() {
  if (!is_logging_imported()) return {false, false};
  return {is_log_enabled(kDebug), is_log_enabled(kWarning)};
}

bool is_routine(const CallReport* call) {
  if (call == nullptr) return true;
  if (call->attempts.size() > 1) return false;
  const auto skew = std::chrono::abs(call->clock_skew.value_or(std::chrono::seconds(0)));
  return skew.count() <= kMaxClockSkew || !is_skew_due();
}

void log_call(std::string_view provider, std::string_view operation,
              std::optional<std::string_view> session_id,
              const std::shared_ptr<const CallReport>& call, const py::object& error) {
  guarded([&] {
    listener().note(to_text(provider), to_text(operation),
                    session_id ? py::object(to_text(*session_id)) : py::none(),
                    std::const_pointer_cast<CallReport>(call), error);
  });
}

}  // namespace sessionvitals::python

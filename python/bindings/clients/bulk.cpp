#include "clients/bulk.h"

#include <pybind11/stl.h>
#include <pybind11/typing.h>

#include <chrono>
#include <optional>

#include "awaiting/inbox.h"
#include "clients/client_class.h"
#include "runtime/logging.h"
#include "values/casters.h"
#include "values/value_object.h"

namespace sessionvitals::python {

namespace {

py::typing::List<PythonOutcome> to_list(const Provider& provider, std::vector<Outcome> outcomes) {
  const LogLevels listening = find_log_levels();
  py::typing::List<PythonOutcome> list(outcomes.size());
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    PyList_SET_ITEM(list.ptr(), static_cast<Py_ssize_t>(i),
                    to_python(provider, std::move(outcomes[i]), listening).release().ptr());
  }
  return list;
}

// An iterator that gives no id for so long is slow.
constexpr std::chrono::milliseconds kSlowDraw{1};
// Before the next id of a slow iterator an outcome is waited for, for this part of the time that
// the last one took: so that outcomes come while ids do not, and ids are hardly later for it.
constexpr int kPartOfDraw = 8;

std::optional<std::string_view> to_utf8(const py::handle& id) {
  if (PyUnicode_Check(id.ptr()) == 0) return std::nullopt;
  Py_ssize_t size = 0;
  const char* text = PyUnicode_AsUTF8AndSize(id.ptr(), &size);
  if (text != nullptr) return std::string_view(text, static_cast<std::size_t>(size));
  PyErr_Clear();
  return std::nullopt;
}

// What is no text has no id. In brackets, as it must not look like another one: 7 is not "7".
std::string shown(const py::handle& id) {
  std::string shown = "<" + py::type::handle_of(id).attr("__name__").cast<std::string>();
  const auto words = py::reinterpret_steal<py::object>(PyObject_Repr(id.ptr()));
  const auto text = words ? to_utf8(words) : std::nullopt;
  if (text) {
    shown.append(": ").append(*text);
  } else if (!words && PyErr_ExceptionMatches(PyExc_Exception) == 0) {
    throw py::error_already_set();  // Ctrl-C
  }
  PyErr_Clear();
  return shown + ">";
}

using Durations = BulkTally::Durations;
using CountsByOutcome = py::typing::Dict<py::typing::Tuple<py::str, py::str>, py::int_>;
using PythonDurations =
    py::typing::Tuple<py::int_, py::float_, py::typing::Tuple<py::int_, py::ellipsis>>;
template <class Key>
using DurationsBy = py::typing::Dict<py::typing::Tuple<Key, py::str>, PythonDurations>;

py::object to_python(const Durations& durations) {
  py::tuple buckets(durations.buckets.size());
  for (std::size_t i = 0; i < durations.buckets.size(); ++i) {
    buckets[i] = py::int_(durations.buckets[i]);
  }
  return py::make_tuple(durations.count, std::chrono::duration<double>(durations.sum).count(),
                        std::move(buckets));
}

CountsByOutcome ids_of(const BulkTally& tally) {
  CountsByOutcome made;
  for (const auto& [key, count] : tally.counts().ids) {
    made[py::make_tuple(to_text(key.first), to_text(key.second))] = py::int_(count);
  }
  return made;
}

DurationsBy<py::str> calls_of(const BulkTally& tally) {
  DurationsBy<py::str> made;
  for (const auto& [key, durations] : tally.counts().calls) {
    made[py::make_tuple(to_text(key.first), to_text(key.second))] = to_python(durations);
  }
  return made;
}

DurationsBy<py::int_> attempts_of(const BulkTally& tally) {
  DurationsBy<py::int_> made;
  for (const auto& [key, durations] : tally.counts().attempts) {
    made[py::make_tuple(key.first, to_text(key.second))] = to_python(durations);
  }
  return made;
}

void bind_tally(py::module_& module) {
  py::tuple bounds(BulkTally::kBounds.size());
  for (std::size_t i = 0; i < bounds.size(); ++i) bounds[i] = py::float_(BulkTally::kBounds[i]);
  auto tally = py::class_<BulkTally, std::shared_ptr<BulkTally>>(
      module, "BulkTally", "Counts what becomes of a bulk's ids and calls, for metrics.",
      py::is_final());
  tally.def(py::init<>())
      .def_property_readonly("ids", &ids_of, "How many ids, by state and class of error.")
      .def_property_readonly("calls", &calls_of,
                             "Number, seconds and buckets of calls, by state and class of error.")
      .def_property_readonly(
          "attempts", &attempts_of,
          "Number, seconds and buckets of attempts, by HTTP status and class of error.")
      .def_property_readonly(
          "retries", [](const BulkTally& self) { return self.counts().retries; },
          "Attempts after the first of a call.")
      .def_property_readonly(
          "rate_limit_wait",
          [](const BulkTally& self) {
            return std::chrono::duration<double>(self.counts().rate_limit_wait).count();
          },
          "Seconds that calls waited because a vendor asked for it, added up.");
  tally.attr("bounds") = bounds;
}

}  // namespace

PythonBulk::PythonBulk(const Client& client, const BulkOptions& options,
                       const std::shared_ptr<Channel>& channel)
    : provider_(client.provider()),
      has_table_(options.table != nullptr),
      bulk_(client, options, channel ? [channel] { channel->signal(); } : std::function<void()>()) {
  if (const Error* error = bulk_.configuration_error()) raise(*error);
}

void PythonBulk::close() {
  is_closed_ = true;
  without_gil([this] { bulk_.stop(); });
}

void PythonBulk::require_usable() const {
  if (is_closed_) {
    raise(Error(ErrorKind::configuration_error,
                "These calls are closed: call probe_many again for more."));
  }
  if (bulk_.is_inherited()) {
    raise(Error(ErrorKind::configuration_error,
                "These calls belong to the process that this one was forked from, which goes on "
                "with them: call probe_many again here."));
  }
}

bool PythonBulk::is_done() const {
  require_usable();
  return bulk_.is_done();
}

double PythonBulk::closed_for() const {
  return std::chrono::duration<double>(bulk_.closed_for()).count();
}

std::size_t PythonBulk::room() const {
  require_usable();
  return bulk_.room();
}

void PythonBulk::finish() {
  require_usable();
  bulk_.finish();
}

void PythonBulk::expect(std::unordered_map<std::string, std::size_t> repeated) {
  require_usable();
  bulk_.expect(std::move(repeated));
}

void PythonBulk::add_failed(const py::handle& id) {
  bulk_.add_failed(shown(id), Error(ErrorKind::configuration_error,
                                    "The session id is not text that can be sent: pass the id "
                                    "that the vendor gave, a str."));
}

// The ids of a list are there already, and go in together.
bool PythonBulk::feed_list(const py::handle& iterator) {
  std::vector<std::string> ids;
  const std::size_t room = bulk_.room();
  ids.reserve(room);
  py::object id;
  for (std::size_t left = room; left > 0; --left) {
    id = py::reinterpret_steal<py::object>(PyIter_Next(iterator.ptr()));
    if (!id) break;
    if (const auto text = to_utf8(id)) {
      ids.emplace_back(*text);
    } else {
      bulk_.add(std::exchange(ids, {}));
      add_failed(id);
    }
  }
  bulk_.add(std::move(ids));
  if (id || room == 0) return true;
  if (PyErr_Occurred() != nullptr) throw py::error_already_set();
  bulk_.finish();
  return false;
}

bool PythonBulk::feed(const py::object& iterator, bool must_return) {
  require_usable();
  if (PyIter_Check(iterator.ptr()) == 0) throw py::type_error("ids come from an iterator");
  if (Py_TYPE(iterator.ptr()) == &PyListIter_Type) return feed_list(iterator);
  Clock::time_point begun = Clock::now();
  // Another thread may close it while an id is drawn.
  for (std::size_t room = bulk_.room(); room > 0 && !is_closed_; --room) {
    const auto id = py::reinterpret_steal<py::object>(PyIter_Next(iterator.ptr()));
    if (!id) {
      if (PyErr_Occurred() != nullptr) throw py::error_already_set();
      bulk_.finish();
      return false;
    }
    // At once, as the next may be long in coming.
    if (const auto text = to_utf8(id)) {
      bulk_.add(std::string(*text));
    } else {
      add_failed(id);
    }
    const Clock::time_point now = Clock::now();
    const Clock::duration took = now - std::exchange(begun, now);
    if (took < kSlowDraw) continue;
    if (must_return || without_gil([&] { return bulk_.wait_ready(took / kPartOfDraw); }))
      return true;
    begun = Clock::now();
  }
  return true;
}

py::typing::List<PythonOutcome> PythonBulk::take() {
  require_usable();
  auto outcomes = without_gil([this] { return bulk_.take(); });
  if (PyErr_Occurred() != nullptr) throw py::error_already_set();  // Ctrl-C
  return to_list(provider_, std::move(outcomes));
}

py::typing::List<PythonOutcome> PythonBulk::take_ready() {
  require_usable();
  return to_list(provider_, bulk_.take_ready());
}

std::size_t PythonBulk::take_rows(bool must_wait) {
  require_usable();
  if (!has_table_) throw py::value_error("these calls were given no table");
  const std::size_t taken =
      without_gil([&] { return must_wait ? bulk_.take_rows() : bulk_.take_ready_rows(); });
  if (PyErr_Occurred() != nullptr) throw py::error_already_set();  // Ctrl-C
  return taken;
}

void bind_bulk(py::module_& module) {
  bind_bulk_table(module);
  bind_outcome(module);
  bind_inbox(module);
  bind_tally(module);
  auto bulk = py::class_<PythonBulk>(
      module, "BulkProbe", "Probes many sessions at once. See Client.probe_many.", py::is_final());
  bulk.def_property_readonly("is_over", &PythonBulk::is_over,
                             "True once the deadline has passed: no id is asked for any more.")
      .def_property_readonly("closed_for", &PythonBulk::closed_for,
                             "How many seconds more an earlier 429 asked all calls to wait.")
      .def_property_readonly("is_done", &PythonBulk::is_done,
                             "True once the ids have ended and all outcomes have been taken.")
      .def_property_readonly("room", &PythonBulk::room,
                             "How many more ids it takes before some outcomes must be taken.")
      .def("expect", &PythonBulk::expect, py::arg("repeated"),
           "Declare ids that come more than once, with how often: each is asked for once.")
      .def("feed", &PythonBulk::feed, py::arg("iterator"), py::arg("must_return") = false,
           "Draw as many ids as there is room for; return whether there may be more.")
      .def("finish", &PythonBulk::finish, "Say that no more ids will come.")
      .def("take", &PythonBulk::take,
           "Wait for some outcomes; none are left when the list is empty.")
      .def("take_ready", &PythonBulk::take_ready, "Return the outcomes that are there.")
      .def("take_rows", &PythonBulk::take_rows, py::arg("must_wait") = true,
           "Wait until some rows were added to the table; return how many.")
      .def("close", &PythonBulk::close, "Cancel what is left and end the thread.");

  module.def("repeated_in", &repeated_in, py::arg("ids"),
             "Return the ids of a list that occur more than once, and how often.");
  module.def(
      "cancel_begun",
      [](std::uint64_t number) { without_gil([number] { Client::cancel_begun(number); }); },
      py::arg("number"), "End the call of that number, if it is not over.");
}

}  // namespace sessionvitals::python

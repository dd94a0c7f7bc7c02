#include "watch/watch.h"

#include <pybind11/stl.h>

#include <chrono>
#include <functional>
#include <string_view>
#include <utility>

#include "awaiting/inbox.h"
#include "runtime/gil.h"
#include "values/casters.h"
#include "values/value_object.h"
#include "watch/begin_watch.h"

namespace sessionvitals::python {

namespace {

constexpr SessionState kStates[] = {
    SessionState::active,    SessionState::pending, SessionState::ended,  SessionState::expired,
    SessionState::not_found, SessionState::denied,  SessionState::unknown};

// As the arguments of sessionvitals.changes.Change.
py::tuple to_tuple(Change change) {
  py::object before = py::none();
  if (change.before) before = to_object(*std::move(change.before));
  py::object inferred = py::none();
  if (change.inferred) inferred = to_text(state_name(*change.inferred));
  py::object error = py::none();
  if (change.error) error = to_exception(*change.error);
  return py::make_tuple(to_text(change.session_id), before, to_object(std::move(change.after)),
                        to_text(reason_name(change.reason)), change.missed, inferred,
                        to_datetime(change.observed_at), error);
}

}  // namespace

py::object begin_watch(const Client& client, const py::kwargs& settings) {
  using Seconds = std::chrono::duration<double>;
  py::kwargs call = py::reinterpret_steal<py::kwargs>(PyDict_Copy(settings.ptr()));
  if (!call) throw py::error_already_set();
  const auto take = [&](const char* name) {
    return py::reinterpret_steal<py::object>(call.attr("pop")(name).release());
  };
  const auto take_seconds = [&](const char* name) -> std::optional<Seconds> {
    const auto given = take(name).cast<std::optional<double>>();
    if (!given) return std::nullopt;
    return Seconds(*given);
  };
  const auto deadline = take_seconds("deadline");
  WatchOptions options{.deadline = deadline ? WatchDeadline(*deadline) : WatchDeadline::none()};
  for (const py::handle id : py::list(take("session_ids"))) {
    options.session_ids.push_back(to_session_id(id));
  }
  options.until = {};
  for (const py::handle name : py::list(take("until"))) {
    const auto word = name.cast<std::string>();
    for (const SessionState state : kStates) {
      if (state_name(state) == word) options.until.add(state);
    }
  }
  options.caller_judges = take("judges").cast<bool>();
  options.every = take_seconds("every");
  options.rate = take("rate").cast<std::optional<double>>();
  options.is_paced = take("is_paced").cast<bool>();
  options.missing = take("waits").cast<bool>() ? Missing::wait : Missing::end;
  options.counters = take("counters").cast<bool>();
  options.expiry = take("expiry").cast<bool>();
  options.hears_events = take("hears_events").cast<bool>();
  if (const auto idle = take_seconds("events_idle_timeout")) options.events_idle_timeout = *idle;
  const py::object resume = take("resume");
  if (py::len(resume) > 0) options.resume = read_text("resume", resume);
  options.is_of_many = take("is_of_many").cast<bool>();
  const auto inbox = take("inbox").cast<std::optional<std::shared_ptr<Inbox>>>();
  options.call = to_call_options(call);
  return py::cast(std::make_unique<PythonWatch>(client, std::move(options),
                                                inbox ? (*inbox)->channel() : nullptr));
}

PythonWatch::PythonWatch(const Client& client, WatchOptions options,
                         const std::shared_ptr<Channel>& channel)
    : watch_(client, std::move(options),
             channel ? [channel] { channel->signal(); } : std::function<void()>()) {
  // What a look has brought already is for the reader.
  const Error* error = watch_.error();
  if (error != nullptr && error->kind() == ErrorKind::configuration_error) raise(*error);
}

void PythonWatch::require_usable() const {
  if (!watch_.is_inherited()) return;
  raise(Error(ErrorKind::configuration_error,
              "This watch belongs to the process that this one was forked from, which goes on "
              "with it: make one here, with resume= and its token() if need be."));
}

py::object PythonWatch::to_object_or_raise(std::optional<Change> change) const {
  if (PyErr_Occurred() != nullptr) throw py::error_already_set();  // Ctrl-C
  if (change) return to_tuple(*std::move(change));
  if (const Error* error = watch_.error()) raise(*error);
  return py::none();
}

py::object PythonWatch::next() {
  require_usable();
  return to_object_or_raise(without_gil([this] { return watch_.next(); }));
}

py::object PythonWatch::take_ready() {
  require_usable();
  auto change = without_gil([this] { return watch_.take_ready(); });
  if (!change && !watch_.is_done()) return py::none();
  return to_object_or_raise(std::move(change));
}

bool PythonWatch::is_done() {
  require_usable();
  return without_gil([this] { return watch_.is_done(); });
}

void PythonWatch::add(const GivenText& session_id) {
  require_usable();
  std::string id = to_session_id(session_id);
  if (const auto error = without_gil([&] { return watch_.add(std::move(id)); })) raise(*error);
}

void PythonWatch::discard(const GivenText& session_id, bool is_reached) {
  require_usable();
  const std::string id = to_session_id(session_id);
  without_gil([&] { is_reached ? watch_.conclude(id) : watch_.discard(id); });
}

std::size_t PythonWatch::size() const {
  require_usable();
  return without_gil([this] { return watch_.size(); });
}

double PythonWatch::lag() const {
  require_usable();
  const auto late = without_gil([this] { return watch_.lag(); });
  return std::chrono::duration<double>(late).count();
}

py::typing::Tuple<bool, bool, double> PythonWatch::await_need() {
  const PermitNeed need =
      without_gil([this] { return watch_.await_need(std::chrono::seconds(1)); });
  return py::make_tuple(need.is_over, need.is_wanted, need.closed_for.count());
}

void PythonWatch::give_permit() {
  without_gil([this] { watch_.give_permit(); });
}

std::optional<std::string> PythonWatch::outcome() const {
  require_usable();
  const auto outcome = without_gil([this] { return watch_.outcome(); });
  if (!outcome) return std::nullopt;
  return std::string(outcome_name(*outcome));
}

std::string PythonWatch::token() const {
  require_usable();
  return without_gil([this] { return watch_.token(); });
}

void PythonWatch::close() {
  without_gil([this] { watch_.close(); });
}

void bind_watch(py::module_& module) {
  auto watch = py::class_<PythonWatch>(module, "Watch", "Follows sessions. See Client.watch.",
                                       py::is_final());
  watch.def("next", &PythonWatch::next, "Wait for the next change, as a tuple; None at the end.")
      .def("take_ready", &PythonWatch::take_ready, "Return the next change, if there is one.")
      .def_property_readonly("is_done", &PythonWatch::is_done,
                             "True once it has ended and all changes have been taken.")
      .def("add", &PythonWatch::add, py::arg("session_id"), "Follow one more session.")
      .def("discard", &PythonWatch::discard, py::arg("session_id"), py::arg("is_reached"),
           "Follow the session no more.")
      .def("__len__", &PythonWatch::size)
      .def("await_need", &PythonWatch::await_need,
           "Wait a second for the need of a permit: (is_over, is_wanted, seconds of a pause).")
      .def("give_permit", &PythonWatch::give_permit, "Let one look be made.")
      .def_property_readonly("lag", &PythonWatch::lag, "Seconds by which looks are late.")
      .def_property_readonly("outcome", &PythonWatch::outcome, "How it ended; None before.")
      .def("token", &PythonWatch::token, "Return what a later watch goes on from, as JSON.")
      .def("close", &PythonWatch::close, "End it.");
}

}  // namespace sessionvitals::python

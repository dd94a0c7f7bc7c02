#include "clients/bulk.h"

#include <pybind11/stl.h>
#include <pybind11/typing.h>

#include "clients/client_class.h"
#include "runtime/logging.h"
#include "values/casters.h"
#include "values/value_object.h"

namespace sessionvitals::python {

namespace {

PythonOutcome to_python(std::string_view provider, Outcome outcome, const Listening& listening) {
  py::object error = outcome.session ? py::none() : to_exception(outcome.session.error());
  log_result(provider, "probe", outcome.id, outcome.session, listening, error);
  if (!outcome.session) return {std::move(outcome.id), nullptr, std::move(error)};
  return {std::move(outcome.id), std::make_shared<Session>(*std::move(outcome.session)),
          std::move(error)};
}

py::tuple parts(const PythonOutcome& outcome) {
  return py::make_tuple(outcome.id, outcome.session, outcome.error);
}

py::typing::List<PythonOutcome> to_list(std::string_view provider, std::vector<Outcome> outcomes) {
  const Listening listening = find_listening();
  py::typing::List<PythonOutcome> list(outcomes.size());
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    auto* outcome = new PythonOutcome(to_python(provider, std::move(outcomes[i]), listening));
    PyList_SET_ITEM(list.ptr(), static_cast<Py_ssize_t>(i),
                    py::cast(outcome, py::return_value_policy::take_ownership).release().ptr());
  }
  return list;
}

// One bad id fails alone, in its place.
template <class Bulk>
void add_to(Bulk& bulk, const py::list& ids) {
  std::vector<std::string> good;
  for (const auto& id : ids) {
    Py_ssize_t size = 0;
    const char* text =
        PyUnicode_Check(id.ptr()) != 0 ? PyUnicode_AsUTF8AndSize(id.ptr(), &size) : nullptr;
    if (text != nullptr) {
      good.emplace_back(text, static_cast<std::size_t>(size));
      continue;
    }
    PyErr_Clear();
    bulk.add(std::exchange(good, {}));
    bulk.add_failed(py::repr(id).cast<std::string>(),
                    Error(ErrorKind::configuration_error,
                          "The session id is not text that can be sent: pass the id that the "
                          "vendor gave, a str."));
  }
  bulk.add(std::move(good));
}

}  // namespace

void PythonBulk::add(const py::list& ids) { add_to(bulk_, ids); }

py::typing::List<PythonOutcome> PythonBulk::take() {
  auto outcomes = unlocked([this] { return bulk_.take(); });
  if (PyErr_Occurred() != nullptr) throw py::error_already_set();  // Ctrl-C
  return to_list(provider_, std::move(outcomes));
}

std::size_t PythonBulk::take_into(OutcomeTable& table) {
  const std::size_t taken = unlocked([&] {
    const auto outcomes = bulk_.take();
    for (const Outcome& outcome : outcomes) table.add(outcome);
    return outcomes.size();
  });
  if (PyErr_Occurred() != nullptr) throw py::error_already_set();  // Ctrl-C
  return taken;
}

void PythonBulkThread::add(const py::list& ids) { add_to(*bulk_, ids); }
py::typing::List<PythonOutcome> PythonBulkThread::take() {
  return to_list(provider_, bulk_->take());
}

void bind_bulk(py::module_& module) {
  bind_bulk_table(module);
  py::class_<PythonOutcome>(module, "Outcome", "What became of one id of a bulk.", py::is_final())
      .def(py::init([](std::string id, std::shared_ptr<Session> session, py::object error) {
             return PythonOutcome{std::move(id), std::move(session), std::move(error)};
           }),
           py::arg("id"), py::arg("session"), py::arg("error"))
      .def_readonly("id", &PythonOutcome::id)
      .def_property_readonly(
          "session", [](const PythonOutcome& self) { return self.session; },
          "The session; None if there is an error.")
      .def_property_readonly(
          "error", [](const PythonOutcome& self) { return ErrorObject{self.error}; },
          "The error that probe would have raised; None if there is a session.")
      .def("__eq__",
           [](const PythonOutcome& self, const py::object& other) {
             return py::isinstance<PythonOutcome>(other) &&
                    parts(self).equal(parts(other.cast<const PythonOutcome&>()));
           })
      .def("__hash__", [](const PythonOutcome& self) { return py::hash(py::str(self.id)); })
      .def("__repr__",
           [](const PythonOutcome& self) {
             const py::object what = self.session ? py::cast(self.session) : self.error;
             return py::str("Outcome({!r}, {!r})").format(self.id, what);
           })
      .def("__reduce__", [](const PythonOutcome& self) {
        return py::make_tuple(py::type::of<PythonOutcome>(), parts(self));
      });

  py::class_<PythonBulk>(module, "BulkProbe",
                         "Probes many sessions at once. See Client.probe_many.")
      .def("room", &PythonBulk::room, "How many more ids it takes before some must be taken.")
      .def_property_readonly("is_over", &PythonBulk::is_over,
                             "True once the deadline has passed: no id is asked any more.")
      .def("keep", &PythonBulk::keep, py::arg("ids"),
           "Say which ids will come more than once: they are asked once.")
      .def("add", &PythonBulk::add, py::arg("ids"))
      .def("take", &PythonBulk::take,
           "Wait for some outcomes; none are left when the list is empty.")
      .def("take_into", &PythonBulk::take_into, py::arg("table"),
           "Wait for some outcomes and add them to the table; return how many.");

  py::class_<Channel, std::shared_ptr<Channel>>(
      module, "Channel", "Where answers wait for an event loop.", py::is_final())
      .def(py::init<>())
      .def_property_readonly("descriptor", &Channel::descriptor, "Readable when answers are there.")
      .def("take", &Channel::take, "Return all there are, as (token, answer, error).");
  module.def(
      "cancel_begun",
      [](std::uint64_t number) { unlocked([number] { Client::cancel_begun(number); }); },
      py::arg("number"), "End the call of that number, if it is not over.");

  py::class_<PythonBulkThread>(module, "BulkThread", "Probes many sessions in a thread of its own.")
      .def("room", &PythonBulkThread::room)
      .def_property_readonly("is_over", &PythonBulkThread::is_over)
      .def_property_readonly("is_done", &PythonBulkThread::is_done)
      .def("keep", &PythonBulkThread::keep, py::arg("ids"))
      .def("add", &PythonBulkThread::add, py::arg("ids"))
      .def("finish", &PythonBulkThread::finish)
      .def("take", &PythonBulkThread::take)
      .def("close", &PythonBulkThread::close, "Cancel what is left and end the thread.");
}

}  // namespace sessionvitals::python

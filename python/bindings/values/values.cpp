#include <pybind11/stl.h>

#include "bindings.h"
#include "sessionvitals/context.h"
#include "sessionvitals/http.h"
#include "sessionvitals/session.h"
#include "values/casters.h"
#include "values/value_class.h"

namespace sessionvitals::python {

namespace {

void bind_report(py::module_& module) {
  ValueClass<Attempt>(module, "Attempt", "One attempt of a call: at most one request on the wire.")
      .field<&Attempt::phase>(
          "phase", "How far it came: queue, resolve, connect, proxy, tls, send, receive or done.")
      .field<&Attempt::address>("address", "Where it connected; empty before connect.")
      .field<&Attempt::reused>("reused", "Whether it went over a kept-alive connection.")
      .field<&Attempt::tls_version>("tls_version", "Empty on plain connections.")
      .field<&Attempt::http_status>("http_status", "0 if no response came.")
      .field<&Attempt::bytes_sent>("bytes_sent")
      .field<&Attempt::bytes_received>("bytes_received")
      .duration_field<&Attempt::started>("started", "started_microseconds", "Since the call began.")
      .duration_field<&Attempt::duration>("duration", "duration_microseconds",
                                          "Without the wait after it.")
      .field<&Attempt::error>("error", "Why it failed; empty on success.")
      .duration_field<&Attempt::wait>("wait", "wait_microseconds",
                                      "Chosen before the next attempt.")
      .field<&Attempt::wait_reason>("wait_reason", "What the wait follows, or why there is none.")
      .finish();
  ValueClass<CallReport>(module, "CallReport",
                         "What a call tried, how far each attempt came, and what it cost.")
      .field<&CallReport::operation>("operation", "The vendor's own word for the call.")
      .field<&CallReport::method>("method")
      .field<&CallReport::origin>("origin", "Scheme, host and port.")
      .field<&CallReport::attempts>("attempts")
      .duration_field<&CallReport::elapsed>("elapsed", "elapsed_microseconds",
                                            "The whole call, queueing and waits included.")
      .field<&CallReport::request_id>(
          "request_id", "What the server calls the request that it answered; empty if nothing.")
      .duration_field<&CallReport::clock_skew>(
          "clock_skew", "clock_skew_seconds",
          "Our clock less the answer's Date, to a second; None without an answer.")
      .field<&CallReport::reconciled>(
          "reconciled",
          "Whether its answer was lost, and what it had made was found by a second call.")
      .finish();
}

void bind_http(py::module_& module) {
  py::class_<Request>(
      module, "Request",
      "A request to send: its target follows a base URL. Its headers may hold a "
      "credential, so it shows none of their values in its repr and is not pickled.",
      py::is_final())
      .def_property_readonly("method", [](const Request& self) { return self.method; })
      .def_property_readonly("target", [](const Request& self) { return self.target; })
      .def_property_readonly(
          "headers",
          [](const Request& self) {
            py::typing::Tuple<py::typing::Tuple<py::str, py::str>, py::ellipsis> headers(
                py::tuple(self.headers.size()));
            for (std::size_t i = 0; i < self.headers.size(); ++i) {
              headers[i] = py::make_tuple(self.headers[i].name, self.headers[i].value);
            }
            return headers;
          },
          "Pairs of name and value, credentials included.")
      .def_property_readonly("body", [](const Request& self) { return py::bytes(self.body); })
      .def("__eq__",
           [](const Request& self, const py::object& other) {
             return py::isinstance<Request>(other) && self == other.cast<const Request&>();
           })
      .def("__hash__",
           [](const Request& self) { return py::hash(py::make_tuple(self.method, self.target)); })
      .def("__repr__",
           [](const Request& self) {
             return py::str("Request({!r}, {!r})").format(self.method, self.target);
           })
      .def("__reduce__", [](const Request&) -> py::object {
        throw py::type_error(
            "a Request holds a credential and is not pickled or copied; build it "
            "again where it is needed");
      });
}

}  // namespace

void bind_values(py::module_& module) {
  bind_value_types(module);
  ValueClass<RateLimit>(module, "RateLimit", "What a server says of its limits, if it says it.")
      .field<&RateLimit::limit>("limit", "Requests a window.")
      .field<&RateLimit::remaining>("remaining", "Requests left in this window.")
      .duration_field<&RateLimit::reset_after>("reset_after", "reset_after_seconds",
                                               "Until the window ends.")
      .finish();
  bind_report(module);
  bind_http(module);

  ValueClass<Session>(module, "Session", "Any provider's answer about one session.")
      .field<&Session::provider>("provider")
      .required()
      .field<&Session::id>("id", "The id that was asked for.")
      .required()
      .field<&Session::state>("state", "In the one vocabulary of all providers.")
      .required()
      .field<&Session::provider_state>("provider_state",
                                       "The vendor's own word, verbatim; empty if it used none.")
      .computed<&Session::live>("live", "True while the session may be used: its state is active.")
      .field<&Session::expires_at>("expires_at")
      .duration_field<&Session::time_remaining>(
          "time_remaining", "time_remaining_milliseconds",
          "Until it expires, by the server's clock; never below 0.")
      .duration_field<&Session::duration>("duration", "duration_seconds", "How long it has run.")
      .field<&Session::uploaded_bytes>("uploaded_bytes")
      .field<&Session::downloaded_bytes>("downloaded_bytes")
      .field<&Session::hint>("hint", "What to check if the state surprises; mostly empty.")
      .field<&Session::detail>("detail", "The vendor-typed answer; None where there is none.")
      .call_field<&Session::call>()
      .finish();

  py::class_<CancelToken>(module, "CancelToken", "Ends calls early, from any thread.")
      .def(py::init<>())
      .def("cancel", &CancelToken::cancel,
           "End every call that was given this token, now or later. Never blocks.")
      .def_property_readonly("is_cancelled", &CancelToken::is_cancelled)
      .def_property_readonly("_descriptor", &CancelToken::descriptor);
}

}  // namespace sessionvitals::python

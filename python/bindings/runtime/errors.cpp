#include "sessionvitals/errors.h"

#include <pybind11/stl.h>

#include "bindings.h"
#include "values/casters.h"
#include "values/value_object.h"

namespace sessionvitals::python {

namespace {

void add_error_response(py::dict& fields, ErrorKind kind, const ErrorResponse& response) {
  fields["http_status"] = response.http_status;
  fields["code"] = to_text(response.code);
  fields["message"] = to_text(response.message);
  fields["body"] = py::bytes(response.body);
  fields["request_id"] = to_text(response.request_id);
  fields["details_json"] = to_text(response.details_json);
  if (kind == ErrorKind::rate_limit_error) {
    fields["retry_after"] = response.retry_after;
    fields["rate_limit"] = response.rate_limit;
  }
  if (kind == ErrorKind::session_expired_error) fields["expires_at"] = response.expires_at;
}

py::dict fields_of(const Error& error) {
  py::dict fields;
  if (error.kind() == ErrorKind::configuration_error) return fields;
  fields["call"] = std::const_pointer_cast<CallReport>(error.call());
  fields["may_have_taken_effect"] = error.may_have_taken_effect();
  if (const ErrorResponse* response = error.error_response()) {
    add_error_response(fields, error.kind(), *response);
  } else if (error.kind() == ErrorKind::contract_error) {
    const Violation violation = error.violation() == nullptr ? Violation() : *error.violation();
    fields["member"] = to_text(violation.where);
    fields["expected"] = to_text(violation.expected);
    fields["found"] = to_text(violation.found);
  } else {
    fields["phase"] = to_text(phase_name(error.phase()));
  }
  return fields;
}

}  // namespace

py::object to_exception(const Error& error) {
  const std::string name(class_name(error.kind()));
  const py::object type = py::module_::import("sessionvitals.errors").attr(name.c_str());
  return type(to_text(error.message()), **fields_of(error));
}

void raise(const Error& error) {
  // A signal handler that raised has the word: that is how Ctrl-C comes out.
  if (PyErr_Occurred() != nullptr) throw py::error_already_set();
  const py::object raised = to_exception(error);
  PyErr_SetObject(py::type::handle_of(raised).ptr(), raised.ptr());
  throw py::error_already_set();
}

}  // namespace sessionvitals::python

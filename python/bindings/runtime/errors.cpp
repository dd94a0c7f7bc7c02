#include "sessionvitals/errors.h"

#include <pybind11/stl.h>

#include "bindings.h"
#include "values/casters.h"
#include "values/value_object.h"

namespace sessionvitals::python {

namespace {

void add_refusal(py::dict& fields, ErrorKind kind, const Refusal& refusal) {
  fields["http_status"] = refusal.http_status;
  fields["code"] = to_text(refusal.code);
  fields["message"] = to_text(refusal.message);
  fields["body"] = py::bytes(refusal.body);
  fields["request_id"] = to_text(refusal.request_id);
  fields["details_json"] = to_text(refusal.details_json);
  if (kind == ErrorKind::rate_limit_error) {
    fields["retry_after"] = refusal.retry_after;
    fields["rate_limit"] = refusal.rate_limit;
  }
  if (kind == ErrorKind::session_expired_error) fields["expires_at"] = refusal.expires_at;
}

py::dict fields_of(const Error& error) {
  py::dict fields;
  if (error.kind() == ErrorKind::configuration_error) return fields;
  fields["call"] = std::const_pointer_cast<CallReport>(error.call());
  fields["may_have_taken_effect"] = error.may_have_taken_effect();
  if (const Refusal* refusal = error.refusal()) {
    add_refusal(fields, error.kind(), *refusal);
  } else if (error.kind() == ErrorKind::contract_error) {
    const Breach breach = error.breach() == nullptr ? Breach() : *error.breach();
    fields["member"] = to_text(breach.member);
    fields["expected"] = to_text(breach.expected);
    fields["found"] = to_text(breach.found);
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

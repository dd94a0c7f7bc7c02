#include "sessionvitals/providers/tiun.h"

#include <pybind11/stl.h>

#include "bindings.h"
#include "clients/client_class.h"
#include "sessionvitals/client/tiun_client.h"
#include "values/value_class.h"

namespace sessionvitals::python {

template <>
struct ValueName<ProblemDetails> {
  static constexpr auto text = py::detail::const_name("sessionvitals._core.ProblemDetails");
};
template <>
struct ValueName<TiunVerdict> {
  static constexpr auto text = py::detail::const_name("sessionvitals._core.TiunVerdict");
};

void bind_tiun(py::module_& module) {
  ValueClass<ProblemDetails>(module, "ProblemDetails", "A problem as RFC 9457 has it.")
      .field<&ProblemDetails::type>("type", "about:blank if the body names none.")
      .field<&ProblemDetails::title>("title")
      .field<&ProblemDetails::detail>("detail", "For people; never to be parsed.")
      .field<&ProblemDetails::instance>("instance")
      .field<&ProblemDetails::http_status>("http_status", "As the body has it.")
      .extra_field<&ProblemDetails::extra>("Members beyond the standard's.")
      .finish();

  ValueClass<TiunVerdict>(module, "TiunVerdict", "tiun's answer about a session: serve, or do not.")
      .truth<&TiunVerdict::valid>()
      .field<&TiunVerdict::session_id>("session_id")
      .required()
      .field<&TiunVerdict::valid>("valid", "True only on exactly 200.")
      .required()
      .field<&TiunVerdict::problem>("problem", "What a 404 said, if it said it.")
      .field<&TiunVerdict::hint>("hint", "What to check if the verdict surprises.")
      .call_field<&TiunVerdict::call>()
      .finish();

  ClientClass<TiunClient>(module, "TiunClient", "Asks tiun.")
      .operation("verify", "Return whether the session's content may be served.",
                 [](const TiunClient&) { return tiun::kVerify; })
      .python_class()
      .def(py::init([](std::optional<std::string> access_token, std::optional<std::string> base_url,
                       bool sandbox, std::string header_name, const ClientSettings& settings) {
             return checked(TiunClient({.access_token = std::move(access_token),
                                        .header_name = std::move(header_name),
                                        .base_url = std::move(base_url),
                                        .sandbox = sandbox,
                                        .transport = settings.transport,
                                        .call = settings.call}));
           }),
           py::arg("access_token"), py::arg("base_url"), py::arg("sandbox"), py::arg("header_name"),
           py::arg("settings"));

  module.def(
      "build_tiun_request",
      [](const py::object& session_id, std::string access_token, std::string header_name) {
        return value_or_raise(
            tiun::build_verify(SessionId{to_session_id(session_id)},
                               {.key = std::move(access_token), .style = std::move(header_name)}));
      },
      py::arg("session_id"), py::kw_only(), py::arg("access_token"),
      py::arg("header_name") = std::string(kTiunAccessTokenHeader),
      "Return the request that asks tiun about a session. Raises ConfigurationError.");
  module.def(
      "parse_tiun_response",
      [](const py::object& session_id, const GivenInt& http_status, const py::object& headers,
         const GivenBytes& body) {
        return value_or_raise(tiun::parse_verify(SessionId{to_session_id(session_id)},
                                                 to_response(http_status, headers, body)));
      },
      py::arg("session_id"), py::arg("http_status"), py::arg("headers"), py::arg("body"),
      "Return what tiun answered. Raises HttpStatusError for all but 200 and 404.");
}

}  // namespace sessionvitals::python

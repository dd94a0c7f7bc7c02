#include "sessionvitals/providers/ping.h"

#include <pybind11/stl.h>

#include "bindings.h"
#include "clients/client_class.h"
#include "sessionvitals/client/ping_client.h"
#include "values/value_class.h"

namespace sessionvitals::python {

template <>
struct ValueName<PingSessionStatus> {
  static constexpr auto text = py::detail::const_name("sessionvitals._core.PingSessionStatus");
};

void bind_ping(py::module_& module) {
  ValueClass<PingSessionStatus>(module, "PingSessionStatus",
                                "Ping's answer about a session. Counters are exact, and "
                                "None where the vendor left them out.")
      .field<&PingSessionStatus::session_id>("session_id")
      .required()
      .field<&PingSessionStatus::client_id>("client_id")
      .required()
      .field<&PingSessionStatus::status>(
          "status", "The vendor's word: created, connected, disconnected, or a new one.")
      .required()
      .duration_field<&PingSessionStatus::duration>("duration", "duration_seconds",
                                                    "How long the session has run.")
      .field<&PingSessionStatus::uploaded_bytes>("uploaded_bytes")
      .field<&PingSessionStatus::downloaded_bytes>("downloaded_bytes")
      .extra_field<&PingSessionStatus::extra>("Members that the contract does not name.")
      .call_field<&PingSessionStatus::call>()
      .finish();

  ClientClass<PingClient>(module, "PingClient", "Asks Ping Network.")
      .operation("session_status", "Return what the session is doing and has used.",
                 [](const PingClient&) { return ping::kSessionStatus; })
      .python_class()
      .def(py::init([](std::optional<std::string> api_key, std::optional<std::string> base_url,
                       std::string authorization_scheme, const ClientSettings& settings) {
             return checked(PingClient({.api_key = std::move(api_key),
                                        .authorization_scheme = std::move(authorization_scheme),
                                        .base_url = std::move(base_url),
                                        .transport = settings.transport,
                                        .call = settings.call}));
           }),
           py::arg("api_key"), py::arg("base_url"), py::arg("authorization_scheme"),
           py::arg("settings"));

  module.def(
      "build_ping_request",
      [](const py::object& session_id, std::string api_key, std::string authorization_scheme) {
        return value_or_raise(ping::build_session_status(
            SessionId{to_session_id(session_id)},
            {.key = std::move(api_key), .style = std::move(authorization_scheme)}));
      },
      py::arg("session_id"), py::kw_only(), py::arg("api_key"),
      py::arg("authorization_scheme") = std::string(kPingRawScheme),
      "Return the request that asks Ping about a session. Raises ConfigurationError.");
  module.def(
      "parse_ping_response",
      [](const py::object& session_id, const GivenInt& http_status, const py::object& headers,
         const GivenBytes& body) {
        return value_or_raise(ping::parse_session_status(SessionId{to_session_id(session_id)},
                                                         to_response(http_status, headers, body)));
      },
      py::arg("session_id"), py::arg("http_status"), py::arg("headers"), py::arg("body"),
      "Return what Ping answered. Raises HttpStatusError for all but 200, and ContractError.");
}

}  // namespace sessionvitals::python

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

namespace {

/// How Python's arguments become a credential.
struct PingKey {
  static Credential make(const GivenText& api_key, const GivenText& authorization_scheme) {
    return {.key = read_text("api_key", api_key),
            .style = read_text("authorization_scheme", authorization_scheme)};
  }
  static auto names() {
    return std::make_tuple(py::arg("api_key"),
                           py::arg("authorization_scheme") = std::string(kPingRawScheme));
  }
};

}  // namespace

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

  ClientClass<PingClient, PingKey> client(module, providers::ping, "PingClient",
                                          "Asks Ping Network.");
  client.operation<ping::kSessionStatus>("Return what the session is doing and has used.");
  client.python_class().def(
      py::init([](const GivenOptionalText& api_key, const GivenOptionalText& base_url,
                  const GivenText& authorization_scheme, const Options& options) {
        ClientSettings settings = to_client_settings(options);
        return checked(PingClient(
            {.api_key = read_optional_text("api_key", api_key),
             .authorization_scheme = read_text("authorization_scheme", authorization_scheme),
             .base_url = read_optional_text("base_url", base_url),
             .transport = std::move(settings.transport),
             .call = std::move(settings.call)}));
      }),
      py::arg("api_key"), py::kw_only(), py::arg("base_url"), py::arg("authorization_scheme"));
}

}  // namespace sessionvitals::python

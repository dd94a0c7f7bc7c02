#include "sessionvitals/providers/eliza.h"

#include <pybind11/stl.h>

#include "bindings.h"
#include "clients/client_class.h"
#include "sessionvitals/client/eliza_client.h"
#include "values/value_class.h"

namespace sessionvitals::python {

template <>
struct ValueName<TimeoutConfig> {
  static constexpr auto text = py::detail::const_name("sessionvitals._core.TimeoutConfig");
};
template <>
struct ValueName<ElizaSession> {
  static constexpr auto text = py::detail::const_name("sessionvitals._core.ElizaSession");
};

namespace {

void bind_eliza_values(py::module_& module) {
  ValueClass<TimeoutConfig>(module, "TimeoutConfig", "When a session runs out.")
      .field<&TimeoutConfig::timeout_minutes>("timeout_minutes")
      .field<&TimeoutConfig::max_duration_minutes>("max_duration_minutes")
      .field<&TimeoutConfig::warning_threshold_minutes>("warning_threshold_minutes")
      .json_field<&TimeoutConfig::auto_renew>("auto_renew",
                                              "A bool, or any JSON if so created; None if absent.")
      .extra_field<&TimeoutConfig::extra>("Members that the contract does not name.")
      .finish();

  ValueClass<ElizaSession>(
      module, "ElizaSession",
      "elizaOS's answer about a session. What is None here some versions of the server leave out.")
      .field<&ElizaSession::session_id>("session_id")
      .required()
      .field<&ElizaSession::agent_id>("agent_id")
      .required()
      .field<&ElizaSession::user_id>("user_id")
      .required()
      .field<&ElizaSession::channel_id>("channel_id")
      .field<&ElizaSession::created_at>("created_at")
      .required()
      .field<&ElizaSession::last_activity>("last_activity")
      .field<&ElizaSession::expires_at>("expires_at")
      .json_field<&ElizaSession::metadata>(
          "metadata",
          "Any JSON, read on each access. Raises ContractError if it is deeper than Python reads.")
      .field<&ElizaSession::timeout_config>("timeout_config")
      .field<&ElizaSession::renewal_count>("renewal_count")
      .duration_field<&ElizaSession::time_remaining>("time_remaining",
                                                     "time_remaining_milliseconds",
                                                     "Until it expires, by the server's clock.")
      .field<&ElizaSession::is_near_expiration>("is_near_expiration",
                                                "By the server's own threshold.")
      .field<&ElizaSession::null_members>(
          "null_members", "Members that were there and null, as the vendor spells them.")
      .extra_field<&ElizaSession::extra>("Members that the contract does not name.")
      .call_field<&ElizaSession::call>()
      .finish();
}

}  // namespace

void bind_eliza(py::module_& module) {
  bind_eliza_values(module);

  ClientClass<ElizaClient>(module, "ElizaClient", "Asks an elizaOS server.")
      .operation("get_session", "Return the session, with its expiry and the time left.",
                 [](const ElizaClient&) { return eliza::kGetSession; })
      .python_class()
      .def(py::init([](std::optional<std::string> api_key, std::optional<std::string> base_url,
                       const ClientSettings& settings) {
             return checked(ElizaClient({.api_key = std::move(api_key),
                                         .base_url = std::move(base_url),
                                         .transport = settings.transport,
                                         .call = settings.call}));
           }),
           py::arg("api_key"), py::arg("base_url"), py::arg("settings"));

  module.def(
      "build_eliza_request",
      [](const py::object& session_id, std::optional<std::string> api_key) {
        return value_or_raise(
            eliza::build_get_session(SessionId{to_session_id(session_id)},
                                     {.key = std::move(api_key).value_or(""), .style = ""}));
      },
      py::arg("session_id"), py::kw_only(), py::arg("api_key") = py::none(),
      "Return the request that asks elizaOS about a session. Raises ConfigurationError.");
  module.def(
      "parse_eliza_response",
      [](const py::object& session_id, const GivenInt& http_status, const py::object& headers,
         const GivenBytes& body) {
        return value_or_raise(eliza::parse_get_session(SessionId{to_session_id(session_id)},
                                                       to_response(http_status, headers, body)));
      },
      py::arg("session_id"), py::arg("http_status"), py::arg("headers"), py::arg("body"),
      "Return what elizaOS answered. Raises HttpStatusError for all but 200, and ContractError.");
}

}  // namespace sessionvitals::python

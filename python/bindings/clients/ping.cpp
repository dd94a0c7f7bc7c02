#include "sessionvitals/providers/ping.h"

#include <pybind11/stl.h>

#include "bindings.h"
#include "clients/client_class.h"
#include "clients/question_arguments.h"
#include "clients/stream_class.h"
#include "sessionvitals/client/ping_client.h"
#include "values/value_class.h"

namespace sessionvitals::python {

template <>
struct ValueName<PingSessionStatus> {
  static constexpr auto text = py::detail::const_name("sessionvitals._core.PingSessionStatus");
};

template <>
struct ValueName<PingZone> {
  static constexpr auto text = py::detail::const_name("sessionvitals._core.PingZone");
};
template <>
struct ValueName<PingSession> {
  static constexpr auto text = py::detail::const_name("sessionvitals._core.PingSession");
};
template <>
struct ValueName<PingPause> {
  static constexpr auto text = py::detail::const_name("sessionvitals._core.PingPause");
};
template <>
struct ValueName<PingLimits> {
  static constexpr auto text = py::detail::const_name("sessionvitals._core.PingLimits");
};

template <>
struct ValueName<SessionEvent> {
  static constexpr auto text = py::detail::const_name("sessionvitals._core.SessionEvent");
};
template <>
struct ValueName<StreamGap> {
  static constexpr auto text = py::detail::const_name("sessionvitals._core.StreamGap");
};

template <>
struct Arguments<PingEventsQuestion>
    : MemberArguments<PingEventsQuestion,
                      Optional<"last_event_id", &PingEventsQuestion::last_event_id>> {};
template <>
struct Arguments<PingNewSession>
    : MemberArguments<PingNewSession,  //
                      Required<"client_id", &PingNewSession::client_id>,
                      Required<"zone", &PingNewSession::zone>,
                      Optional<"connection_type", &PingNewSession::connection_type>,
                      Optional<"reusable", &PingNewSession::reusable>> {};
template <>
struct Arguments<PingLimitsChange>
    : MemberArguments<PingLimitsChange,  //
                      Optional<"downloaded_bytes", &PingLimitsChange::downloaded_bytes>,
                      Optional<"uploaded_bytes", &PingLimitsChange::uploaded_bytes>,
                      Optional<"download_speed", &PingLimitsChange::download_speed>,
                      Optional<"upload_speed", &PingLimitsChange::upload_speed>> {};
template <>
struct Arguments<PingClientLimitsChange>
    : MemberArguments<PingClientLimitsChange,  //
                      Optional<"downloaded_bytes", &PingClientLimitsChange::downloaded_bytes>,
                      Optional<"uploaded_bytes", &PingClientLimitsChange::uploaded_bytes>,
                      Optional<"download_speed", &PingClientLimitsChange::download_speed>,
                      Optional<"upload_speed", &PingClientLimitsChange::upload_speed>,
                      Optional<"max_sessions", &PingClientLimitsChange::max_sessions>,
                      Optional<"max_reconnections", &PingClientLimitsChange::max_reconnections>> {};

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

void bind_ping_values(py::module_& module) {
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

  ValueClass<PingZone>(module, "PingZone", "A place where Ping's sessions can run.")
      .field<&PingZone::code>("code", "What create_session() takes.")
      .required()
      .field<&PingZone::name>("name", "For people.")
      .field<&PingZone::has_active_nodes>("has_active_nodes")
      .extra_field<&PingZone::extra>("Members that the contract does not name.")
      .finish();

  ValueClass<PingSession>(module, "PingSession",
                          "A Ping session that was made. Its configuration is told this one time, "
                          "and is the credential of the tunnel: repr() does not show it.")
      .field<&PingSession::id>("id")
      .required()
      .field<&PingSession::connection_type>("connection_type")
      .field<&PingSession::zone>("zone", "The zone's code.")
      .json_field<&PingSession::configuration>("configuration", "How to connect, as JSON has it.")
      .secret()
      .field<&PingSession::configuration_link>("configuration_link",
                                               "How to connect, as a VLESS link.")
      .secret()
      .field<&PingSession::reusable>("reusable")
      .field<&PingSession::created_at>("created_at")
      .extra_field<&PingSession::extra>("Members that the contract does not name.")
      .call_field<&PingSession::call>()
      .finish();

  ValueClass<PingPause>(module, "PingPause", "Whether a Ping session is paused now.")
      .field<&PingPause::session_id>("session_id")
      .required()
      .field<&PingPause::paused>("paused")
      .required()
      .extra_field<&PingPause::extra>("Members that the contract does not name.")
      .call_field<&PingPause::call>()
      .finish();

  ValueClass<PingLimits>(module, "PingLimits",
                         "Limits of a Ping account. One that the vendor does not tell is None.")
      .field<&PingLimits::id>("id")
      .required()
      .field<&PingLimits::created_at>("created_at")
      .field<&PingLimits::updated_at>("updated_at")
      .field<&PingLimits::downloaded_bytes>("downloaded_bytes")
      .field<&PingLimits::uploaded_bytes>("uploaded_bytes")
      .field<&PingLimits::download_speed>("download_speed", "Bytes a second.")
      .field<&PingLimits::upload_speed>("upload_speed", "Bytes a second.")
      .field<&PingLimits::max_sessions>("max_sessions", "At once; of each client alone.")
      .field<&PingLimits::max_reconnections>("max_reconnections",
                                             "In a session; of each client alone.")
      .extra_field<&PingLimits::extra>("Members that the contract does not name.")
      .call_field<&PingLimits::call>()
      .finish();
}

void bind_event_values(py::module_& module) {
  ValueClass<SessionEvent>(module, "SessionEvent", "What one session of a Ping account did.")
      .field<&SessionEvent::id>("id", "Whether ids grow is not documented.")
      .required()
      .field<&SessionEvent::event_type>("event_type",
                                        "The vendor's word: session_start, session_heartbeat, "
                                        "session_end, session_stats, or a new one.")
      .required()
      .field<&SessionEvent::session_id>("session_id")
      .required()
      .field<&SessionEvent::created_at>("created_at")
      .required()
      .duration_field<&SessionEvent::duration>("duration", "duration_seconds",
                                               "How long the session has run.")
      .field<&SessionEvent::downloaded_bytes>("downloaded_bytes")
      .field<&SessionEvent::uploaded_bytes>("uploaded_bytes")
      .extra_field<&SessionEvent::extra>("Members that the contract does not name.")
      .finish();

  ValueClass<StreamGap>(module, "StreamGap",
                        "A time in which events may have been missed: a stream of events was lost "
                        "and opened again.")
      .field<&StreamGap::since>("since", "When the last bytes of the lost stream came.")
      .required()
      .field<&StreamGap::until>("until", "When the next stream was open.")
      .required()
      .finish();
}

}  // namespace

void bind_ping(py::module_& module) {
  bind_ping_values(module);
  bind_event_values(module);

  ClientClass<PingClient, PingKey> client(module, providers::ping, "PingClient",
                                          "Asks Ping Network.");
  client.operation<ping::kSessionStatus>("Return what the session is doing and has used.")
      .operation<ping::kListZones>("Return the places where sessions can run.")
      .operation<ping::kCreateSession>("Make a session. Keep the answer.")
      .operation<ping::kPauseSession>("Pause a session that is reusable.")
      .operation<ping::kResumeSession>("Resume a session that is paused.")
      .operation<ping::kGetGlobalLimits>("Return the limits of the whole account.")
      .operation<ping::kGetClientLimits>("Return the limits of each client.")
      .operation<ping::kGetSessionLimits>("Return the limits of each session.")
      .operation<ping::kUpdateGlobalLimits>("Change limits of the whole account.")
      .operation<ping::kUpdateClientLimits>("Change limits of each client.")
      .operation<ping::kUpdateSessionLimits>("Change limits of each session.")
      .operation<ping::kDeleteGlobalLimits>("Delete the limits of the whole account.")
      .operation<ping::kDeleteClientLimits>("Delete the limits of each client.")
      .operation<ping::kDeleteSessionLimits>("Delete the limits of each session.");
  bind_stream<PingClient, PingEvent>(module, "PingEvents",
                                     "The events of a Ping account, as they come.");
  client.stream<ping::kEvents>(
      "Return the stream of what the account's sessions do.",
      [](const PingClient& self, const PingEventsQuestion&, StreamOptions options) {
        return std::make_unique<PythonStream<PingEvent>>(
            self.events(std::move(options)), Channel::CallSubject{"ping", ping::kEvents.name, {}});
      });
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

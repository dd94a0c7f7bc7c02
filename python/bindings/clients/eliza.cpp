#include "sessionvitals/providers/eliza.h"

#include <pybind11/stl.h>

#include "bindings.h"
#include "clients/client_class.h"
#include "clients/question_arguments.h"
#include "clients/stream_class.h"
#include "sessionvitals/client/eliza_client.h"
#include "values/guarded.h"
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

template <>
struct ValueName<ElizaHealth> {
  static constexpr auto text = py::detail::const_name("sessionvitals._core.ElizaHealth");
};

template <>
struct ValueName<ElizaMessage> {
  static constexpr auto text = py::detail::const_name("sessionvitals._core.ElizaMessage");
};
template <>
struct ValueName<ElizaCursors> {
  static constexpr auto text = py::detail::const_name("sessionvitals._core.ElizaCursors");
};
template <>
struct ValueName<ElizaMessagePage> {
  static constexpr auto text = py::detail::const_name("sessionvitals._core.ElizaMessagePage");
};
template <>
struct ValueName<ElizaReply> {
  static constexpr auto text = py::detail::const_name("sessionvitals._core.ElizaReply");
};
template <>
struct ValueName<ElizaSessionStatus> {
  static constexpr auto text = py::detail::const_name("sessionvitals._core.ElizaSessionStatus");
};
template <>
struct ValueName<ElizaSentMessage> {
  static constexpr auto text = py::detail::const_name("sessionvitals._core.ElizaSentMessage");
};

template <>
struct ValueName<ElizaStreamEvent> {
  static constexpr auto text = py::detail::const_name("sessionvitals._core.ElizaStreamEvent");
};

template <>
struct Arguments<ElizaStreamedMessage>
    : MemberArguments<ElizaStreamedMessage,  //
                      Required<"session_id", &ElizaStreamedMessage::session_id>,
                      Required<"content", &ElizaStreamedMessage::content>,
                      Optional<"metadata", &ElizaStreamedMessage::metadata>,
                      Optional<"attachments", &ElizaStreamedMessage::attachments>,
                      Optional<"message_key", &ElizaStreamedMessage::message_key>> {};

/// A time that is sent as epoch milliseconds: as such, or as a datetime.
struct EpochMilliseconds {};

template <>
struct ArgumentType<EpochMilliseconds> {
  static constexpr auto text = py::detail::const_name("int | datetime.datetime | None");
};

template <ArgumentName kName, auto kMember>
struct TimeArgument {
  using Type = EpochMilliseconds;

  template <class Question>
  static void take(Question& question, const py::handle& given) {
    if (given.is_none()) return;
    try {
      if (PyLong_Check(given.ptr()) != 0) {
        question.*kMember = Kind<std::int64_t>::take(given);
      } else {
        const auto time = Kind<Timestamp>::take(given).time_since_epoch();
        question.*kMember = std::chrono::floor<std::chrono::milliseconds>(time).count();
      }
    } catch (const py::builtin_exception& problem) {
      raise_unusable(kName.text, problem.what());
    }
  }

  template <class Question>
  static auto name() {
    return py::arg(kName.text) = py::none();
  }
};

template <>
struct Arguments<ElizaMessageQuery>
    : MemberArguments<ElizaMessageQuery,  //
                      Required<"session_id", &ElizaMessageQuery::session_id>,
                      Optional<"limit", &ElizaMessageQuery::limit>,
                      TimeArgument<"before", &ElizaMessageQuery::before>,
                      TimeArgument<"after", &ElizaMessageQuery::after>> {};
template <>
struct Arguments<ElizaNewMessage>
    : MemberArguments<ElizaNewMessage,  //
                      Required<"session_id", &ElizaNewMessage::session_id>,
                      Required<"content", &ElizaNewMessage::content>,
                      Optional<"transport", &ElizaNewMessage::transport>,
                      Optional<"metadata", &ElizaNewMessage::metadata>,
                      Optional<"attachments", &ElizaNewMessage::attachments>,
                      Optional<"message_key", &ElizaNewMessage::message_key>> {};

template <>
struct Arguments<ElizaNewSession>
    : MemberArguments<ElizaNewSession,  //
                      Required<"agent_id", &ElizaNewSession::agent_id>,
                      Required<"user_id", &ElizaNewSession::user_id>,
                      Optional<"metadata", &ElizaNewSession::metadata>,
                      Optional<"timeout_config", &ElizaNewSession::timeout_config>,
                      Optional<"create_key", &ElizaNewSession::create_key>> {};
template <>
struct Arguments<ElizaNewTimeout>
    : MemberArguments<ElizaNewTimeout,  //
                      Required<"session_id", &ElizaNewTimeout::session_id>,
                      Required<"config", &ElizaNewTimeout::config>> {};

namespace {

/// How Python's arguments become a credential.
struct ElizaKey {
  static Credential make(const GivenOptionalText& api_key) {
    return {.key = read_optional_text("api_key", api_key).value_or(""), .style = ""};
  }
  static auto names() { return std::make_tuple(py::arg("api_key") = py::none()); }
};

PyObject* timeout_config_of(PyObject*, PyObject* given) {
  return guarded([&] {
    const auto* session = value_of<ElizaSession>(given);
    if (session == nullptr) raise_wrong_type(given, "an ElizaSession");
    return to_object<TimeoutConfig>(value_or_raise(TimeoutConfig::of(*session)));
  });
}

void bind_eliza_values(py::module_& module) {
  ValueClass<TimeoutConfig>(module, "TimeoutConfig", "When a session runs out.")
      .field<&TimeoutConfig::timeout_minutes>("timeout_minutes")
      .field<&TimeoutConfig::max_duration_minutes>("max_duration_minutes")
      .field<&TimeoutConfig::warning_threshold_minutes>("warning_threshold_minutes")
      .json_field<&TimeoutConfig::auto_renew>("auto_renew",
                                              "A bool, or any JSON if so created; None if absent.")
      .extra_field<&TimeoutConfig::extra>("Members that the contract does not name.")
      .class_method("of", "session: ElizaSession, /", &timeout_config_of,
                    "Return the session's own, whole. Raises ConfigurationError if the server has "
                    "not told all four members.")
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

  ValueClass<ElizaHealth>(module, "ElizaHealth", "What an elizaOS server says of itself.")
      .field<&ElizaHealth::status>("status", "\"healthy\", in all that is known.")
      .required()
      .field<&ElizaHealth::active_sessions>("active_sessions")
      .required()
      .field<&ElizaHealth::timestamp>("timestamp", "The server's clock.")
      .required()
      .field<&ElizaHealth::expiring_soon>("expiring_soon", "Sessions, by their own thresholds.")
      .field<&ElizaHealth::invalid_sessions>("invalid_sessions")
      .field<&ElizaHealth::uptime>("uptime", "Seconds.")
      .extra_field<&ElizaHealth::extra>("Members that the contract does not name.")
      .call_field<&ElizaHealth::call>()
      .finish();
}

void bind_eliza_messages(py::module_& module) {
  ValueClass<ElizaMessage>(module, "ElizaMessage", "A message of an elizaOS session.")
      .field<&ElizaMessage::id>("id")
      .required()
      .field<&ElizaMessage::content>("content")
      .required()
      .field<&ElizaMessage::author_id>("author_id")
      .required()
      .field<&ElizaMessage::is_agent>("is_agent")
      .required()
      .field<&ElizaMessage::created_at>("created_at")
      .required()
      .json_field<&ElizaMessage::metadata>("metadata", "Any JSON, read on each access.")
      .extra_field<&ElizaMessage::extra>("Members that the contract does not name.")
      .finish();
  ValueClass<ElizaCursors>(module, "ElizaCursors",
                           "The times of a page's oldest and newest message.")
      .field<&ElizaCursors::before>("before", "Of the oldest, in epoch milliseconds.")
      .field<&ElizaCursors::after>("after", "Of the newest, in epoch milliseconds.")
      .finish();
  ValueClass<ElizaMessagePage>(module, "ElizaMessagePage",
                               "Some of a session's messages, newest first.")
      .field<&ElizaMessagePage::messages>("messages")
      .required()
      .field<&ElizaMessagePage::has_more>("has_more",
                                          "There are as many as were asked for, so there may be "
                                          "more.")
      .required()
      .field<&ElizaMessagePage::cursors>("cursors")
      .extra_field<&ElizaMessagePage::extra>("Members that the contract does not name.")
      .call_field<&ElizaMessagePage::call>()
      .finish();
  ValueClass<ElizaReply>(module, "ElizaReply", "What an agent answered.")
      .field<&ElizaReply::text>("text")
      .extra_field<&ElizaReply::extra>("What else the agent said.")
      .finish();
  ValueClass<ElizaSessionStatus>(module, "ElizaSessionStatus", "What a message did to its session.")
      .field<&ElizaSessionStatus::expires_at>("expires_at")
      .field<&ElizaSessionStatus::renewal_count>("renewal_count")
      .field<&ElizaSessionStatus::was_renewed>("was_renewed")
      .finish();
  ValueClass<ElizaSentMessage>(module, "ElizaSentMessage",
                               "A message that was sent, as the server has stored it.")
      .field<&ElizaSentMessage::id>("id")
      .required()
      .field<&ElizaSentMessage::channel_id>("channel_id")
      .field<&ElizaSentMessage::created_at>("created_at")
      .required()
      .field<&ElizaSentMessage::status>("status", "What the message did to its session.")
      .field<&ElizaSentMessage::reply>("reply",
                                       "The agent's answer, which transport \"http\" waits for.")
      .extra_field<&ElizaSentMessage::extra>("What else the server says of the message.")
      .call_field<&ElizaSentMessage::call>()
      .finish();
  ValueClass<ElizaStreamEvent>(module, "ElizaStreamEvent",
                               "One event of an agent's reply that comes in pieces.")
      .field<&ElizaStreamEvent::type>("type",
                                      "The server's word: user_message, chunk, done, or a new one.")
      .required()
      .field<&ElizaStreamEvent::text>("text",
                                      "Of a chunk the piece, of done the whole reply, of "
                                      "user_message what was sent.")
      .field<&ElizaStreamEvent::message_id>("message_id",
                                            "Of the stored message, or of a chunk's reply.")
      .field<&ElizaStreamEvent::index>("index", "Of a chunk, from 0.")
      .field<&ElizaStreamEvent::created_at>("created_at", "When the message was stored.")
      .json_field<&ElizaStreamEvent::data>(
          "data", "All that the server says in it; None if that is JavaScript's undefined.")
      .finish();
}

}  // namespace

void bind_eliza(py::module_& module) {
  bind_eliza_values(module);
  bind_eliza_messages(module);

  ClientClass<ElizaClient, ElizaKey> client(module, providers::eliza, "ElizaClient",
                                            "Asks an elizaOS server.");
  client.operation<eliza::kGetSession>("Return the session, with its expiry and the time left.")
      .operation<eliza::kCheckHealth>("Return what the server says of itself.")
      .operation<eliza::kCreateSession>("Create a session and return it.")
      .operation<eliza::kListSessions>("Return the live sessions of all users.")
      .operation<eliza::kRenewSession>("Have the session's time start anew.")
      .operation<eliza::kSendHeartbeat>("Say that the session is in use.")
      .operation<eliza::kUpdateTimeout>("Replace the session's whole timeout config.")
      .operation<eliza::kDeleteSession>("Delete the session.")
      .operation<eliza::kSendMessage>("Send a message of the session's user.")
      .operation<eliza::kGetMessages>("Return some of the session's messages, newest first.");
  bind_stream<ElizaClient, ElizaStreamEvent>(module, "ElizaMessageStream",
                                             "An agent's reply, as it comes.");
  client.stream<eliza::kStreamMessage>(
      "Return the stream of the reply to a message.",
      [](const ElizaClient& self, const ElizaStreamedMessage& message, StreamOptions options) {
        return std::make_unique<PythonStream<ElizaStreamEvent>>(
            self.stream_message(message, std::move(options)),
            Channel::CallSubject{"eliza", eliza::kStreamMessage.name, message.session_id});
      });
  client.python_class().def(
      py::init([](const GivenOptionalText& api_key, const GivenOptionalText& base_url,
                  const Options& options) {
        ClientSettings settings = to_client_settings(options);
        return checked(ElizaClient({.api_key = read_optional_text("api_key", api_key),
                                    .base_url = read_optional_text("base_url", base_url),
                                    .transport = std::move(settings.transport),
                                    .call = std::move(settings.call)}));
      }),
      py::arg("api_key"), py::kw_only(), py::arg("base_url"));
}

}  // namespace sessionvitals::python

// POST /api/messaging/sessions/{id}/messages {"content","transport"?,"metadata"?,"attachments"?}
//   201  {"success","userMessage":{...},"agentResponse"?,"sessionStatus":{...}}: websocket, http
//   200  text/event-stream of user_message, chunk, done or error: sse
//   500  {"success":false,"error":"..."}: http, when the agent fails; the message is stored
#include "sandbox/space.h"
#include "vendors/eliza/body.h"
#include "vendors/eliza/calls.h"
#include "vendors/eliza/eliza.h"
#include "vendors/eliza/javascript.h"
#include "vendors/eliza/messages/calls.h"
#include "vendors/eliza/messages/reply.h"
#include "vendors/eliza/refusals.h"
#include "vendors/eliza/rules.h"

namespace mock {

using namespace eliza_rules;

namespace {

constexpr std::size_t kMaxContent = 4000;
constexpr std::size_t kMaxMetadata = 10240;
constexpr const char* kServerId = "00000000-0000-0000-0000-000000000000";

ElizaError bad_content(const std::string& reason) {
  return eliza_invalid("Invalid content: " + reason, {{"reason", reason}});
}

// typeof of a JSON value.
const char* type_of(const Json& value) {
  if (value.is_boolean()) return "boolean";
  return value.is_number() ? "number" : "object";
}

// The transport's name in `transport`, or else what is wrong. The older member `mode` and its words
// are taken too. [vendor]
std::optional<ElizaError> read_transport(const Json& body, std::string& transport) {
  Json value = body.value("transport", Json());
  if (value.is_null()) value = body.value("mode", Json());
  transport = "websocket";
  if (value.is_null()) return std::nullopt;
  if (!value.is_string()) {
    return bad_content(std::string("Invalid transport type \"") + type_of(value) +
                       "\". Transport must be a string.");
  }
  const std::string word = value;
  for (const auto& [known, meaning] : {std::pair{"http", "http"},
                                       {"sse", "sse"},
                                       {"websocket", "websocket"},
                                       {"sync", "http"},
                                       {"stream", "sse"}}) {
    if (word == known) {
      transport = meaning;
      return std::nullopt;
    }
  }
  return bad_content("Invalid transport \"" + word +
                     "\". Must be one of: http, sse, websocket, sync, stream");
}

std::optional<ElizaError> problem_with_content(const Json& body) {
  const std::size_t length = javascript::length(body["content"].get_ref<const std::string&>());
  if (length == 0) return bad_content("Content cannot be empty");
  if (length <= kMaxContent) return std::nullopt;
  return bad_content("Content exceeds maximum length of " + std::to_string(kMaxContent) +
                     " characters");
}

std::optional<ElizaError> problem_with_metadata(const Json& body) {
  const Json metadata = body.value("metadata", Json());
  if (!metadata.is_structured() || javascript::length(to_text(metadata)) <= kMaxMetadata) {
    return std::nullopt;
  }
  const std::string reason =
      "Metadata exceeds maximum size of " + std::to_string(kMaxMetadata) + " bytes";
  return eliza_invalid("Invalid metadata: " + reason,
                       {{"reason", reason}, {"providedMetadata", metadata}});
}

// Adds the members of the value as JavaScript's {...value} does: those of an object, the elements
// of an array, the characters of a text. Beyond the BMP a text has other characters there than
// here.
void spread(Json& into, const Json& value) {
  if (value.is_string()) {
    const std::string_view text = value.get_ref<const std::string&>();
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size();) {
      std::size_t end = at + 1;
      while (end < text.size() && (text[end] & 0xC0) == 0x80) ++end;
      into[std::to_string(count++)] = std::string(text.substr(at, end - at));
      at = end;
    }
  }
  if (value.is_object()) {
    for (const auto& [name, member] : value.items()) into[name] = member;
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) into[std::to_string(i)] = value[i];
  }
}

Json channel_metadata(const ElizaSession& session) {
  Json metadata = {{"userId", session.user_id},
                   {"agentId", session.agent_id},
                   {"sessionId", session.id},
                   {"timeoutConfig", to_json(session.first_timeout_config)}};
  spread(metadata, session.metadata);
  metadata["sessionId"] = session.id;
  return as_stored(metadata);
}

Json user_message(const ElizaSession& session, const ElizaMessage& message, const Json& body) {
  Json raw = {{"content", message.content}};
  if (body.contains("attachments")) raw["attachments"] = body["attachments"];
  return {{"id", message.id},
          {"channel_id", session.channel_id},
          {"message_server_id", kServerId},
          {"author_id", message.author_id},
          {"content", message.content},
          {"created_at", message.created_at},
          {"source_type", "user"},
          {"raw_message", std::move(raw)},
          {"metadata", message.metadata}};
}

// Whether the session was renewed by it.
bool note_activity(ElizaSession& session, Time now) {
  if (!renews_itself(session)) {
    session.last_activity = now;
    return false;
  }
  if (is_at_maximum_duration(session, now)) return false;
  renew(session, now);
  return true;
}

ElizaError not_stored(const Call& call) {
  return {.http_status = 500,
          .code = "MESSAGE_SEND_FAILED",
          .message = "Failed to send message in session '" + call.id +
                     "': Failed to create message in database",
          .details = {{"originalError", "Failed query: insert into \"central_messages\""}}};
}

}  // namespace

Answer eliza_send_message(Call& call) {
  if (call.progress.stage > 0) return eliza_go_on_replying(call);
  Answer refused;
  auto body = eliza_body(call, refused);
  if (!body) return refused;
  if (!body->is_object()) body = Json::object();
  std::string transport;
  if (const auto problem = read_transport(*body, transport)) {
    return eliza_refuse(call, *problem, kBadMessage);
  }
  if (!body->contains("content") || !(*body)["content"].is_string()) {
    return eliza_refuse(call, bad_content("Invalid message request format"), kBadMessage);
  }
  ElizaSession* session = eliza_find_live(call, refused);
  if (session == nullptr) return refused;
  for (const auto& problem : {problem_with_content(*body), problem_with_metadata(*body)}) {
    if (problem) return eliza_refuse(call, *problem, kBadMessage);
  }
  const bool was_renewed = note_activity(*session, call.now);
  if (javascript::has_nul(*body)) return eliza_refuse(call, not_stored(call), kNotStored);
  ElizaMessage message{.id = call.random.uuid(),
                       .content = (*body)["content"],
                       .author_id = session->user_id,
                       .is_agent = false,
                       .created_at = call.now,
                       .metadata = channel_metadata(*session)};
  spread(message.metadata, body->value("metadata", Json()));
  call.progress.data = {{"userMessage", user_message(*session, message, *body)},
                        {"sessionStatus",
                         {{"expiresAt", iso_time(expires_at(*session, call.now))},
                          {"renewalCount", session->renewal_count},
                          {"wasRenewed", was_renewed},
                          // The server has just noted the warning as sent, and then says false.
                          {"isNearExpiration", false}}}};
  message.metadata = as_stored(message.metadata);
  call.space.sessions(*eliza()).add_bytes(*session, bytes_of(message));
  session->messages.push_back(std::move(message));
  return eliza_begin_reply(call, *session, transport);
}

}  // namespace mock

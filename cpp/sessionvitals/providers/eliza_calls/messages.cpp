// The messages of a session.
//
//     POST /api/messaging/sessions/{sessionId}/messages
//          {"content": "...", "transport": "http", "metadata": {...}, "attachments": [...]}
//          201 {"success": true, "userMessage": {"id": "...", "channel_id": "...",
//               "created_at": 1767225600000, ...},
//               "sessionStatus": {"expiresAt": "...", "renewalCount": 1, "wasRenewed": true},
//               "agentResponse": {"text": "...", ...}}     the last with transport "http"
//     GET  /api/messaging/sessions/{sessionId}/messages?limit=N&before=MS&after=MS
//          200 {"messages": [...], "hasMore": true, "cursors": {"before": MS, "after": MS}}

#include <array>
#include <chrono>
#include <utility>

#include "sessionvitals/providers/eliza_calls/common.h"
#include "sessionvitals/providers/eliza_calls/metadata.h"

namespace sessionvitals {

namespace {

struct UserMessage {
  std::string id;
  std::optional<std::string> channel_id;
  std::int64_t created_at = 0;  // epoch milliseconds
  std::vector<ExtraMember> extra;
};

struct Sent {
  UserMessage user_message;
  std::optional<ElizaSessionStatus> status;
  std::optional<ElizaReply> reply;
};

}  // namespace

template <>
constexpr auto providers::kMembers<ElizaNewMessage> = std::array{
    required<&ElizaNewMessage::content>("content"),
    required<&ElizaNewMessage::transport>("transport"),
    opaque<&ElizaNewMessage::metadata>("metadata"),
    opaque<&ElizaNewMessage::attachments>("attachments"),
};

template <>
constexpr auto providers::kMembers<UserMessage> = std::array{
    required<&UserMessage::id>("id"),
    optional<&UserMessage::channel_id>("channel_id"),
    required<&UserMessage::created_at>("created_at"),
};

// isNearExpiration is always false in this answer (wire), so nobody is shown it.
template <>
constexpr auto providers::kMembers<ElizaSessionStatus> = std::array{
    optional<&ElizaSessionStatus::expires_at>("expiresAt"),
    optional<&ElizaSessionStatus::renewal_count>("renewalCount"),
    optional<&ElizaSessionStatus::was_renewed>("wasRenewed"),
};

template <>
constexpr auto providers::kMembers<ElizaReply> = std::array{
    optional<&ElizaReply::text>("text"),
};

template <>
constexpr auto providers::kMembers<Sent> = std::array{
    required<&Sent::user_message>("userMessage"),
    optional<&Sent::status>("sessionStatus"),
    optional<&Sent::reply>("agentResponse"),
};

template <>
constexpr auto providers::kMembers<ElizaMessage> = std::array{
    required<&ElizaMessage::id>("id"),
    required<&ElizaMessage::content>("content"),
    required<&ElizaMessage::author_id>("authorId"),
    required<&ElizaMessage::is_agent>("isAgent"),
    required<&ElizaMessage::created_at>("createdAt"),
    opaque<&ElizaMessage::metadata>("metadata"),
};

template <>
constexpr auto providers::kMembers<ElizaCursors> = std::array{
    optional<&ElizaCursors::before>("before"),
    optional<&ElizaCursors::after>("after"),
};

template <>
constexpr auto providers::kMembers<ElizaMessagePage> = std::array{
    required<&ElizaMessagePage::messages>("messages"),
    required<&ElizaMessagePage::has_more>("hasMore"),
    optional<&ElizaMessagePage::cursors>("cursors"),
};

namespace {

using eliza_calls::refuse_command;
using eliza_calls::request_of_session;

Error unusable(std::string message) { return {ErrorKind::configuration_error, std::move(message)}; }

std::optional<Error> check_content(const ElizaNewMessage& message) {
  constexpr std::size_t kMaxContent = 4000;
  const std::size_t length = eliza_calls::utf16_length(message.content);
  if (length == 0 || length > kMaxContent) {
    return unusable("The content is " + std::to_string(length) +
                    " UTF-16 units; elizaOS takes 1 to 4000: pass a text of that length.");
  }
  if (message.attachments && eliza_calls::has_nul(message.attachments->json)) {
    return unusable("The attachments have a NUL, which elizaOS cannot store: leave it out.");
  }
  return std::nullopt;
}

// The server reads what is beyond a JavaScript Date as no time.
std::optional<Error> check_time(std::optional<std::int64_t> time, const std::string& name) {
  constexpr std::int64_t kMax = 8'640'000'000'000'000;
  if (!time || (*time >= 0 && *time <= kMax)) return std::nullopt;
  return unusable(name + " is out of range: pass milliseconds since 1970, from 0 to 8.64e15.");
}

std::optional<Error> check_query(const ElizaMessageQuery& query) {
  if (query.limit && (*query.limit < 1 || *query.limit > 100)) {
    return unusable("limit must be from 1 to 100: elizaOS clamps it without a word.");
  }
  if (query.before && query.after) {
    return unusable(
        "before and after cannot both be given: elizaOS then looks at some of the messages only. "
        "Pass one of them.");
  }
  if (auto error = check_time(query.before, "before")) return error;
  return check_time(query.after, "after");
}

}  // namespace

namespace eliza_calls {

std::optional<Timestamp> time_of(std::int64_t milliseconds) {
  constexpr std::int64_t kMax = 253'402'300'799'999;  // of the year 9999
  if (milliseconds < 0 || milliseconds > kMax) return std::nullopt;
  return Timestamp(std::chrono::milliseconds(milliseconds));
}

Result<Request> request_of_message(const ElizaNewMessage& question, const Credential& credential) {
  if (auto error = check_content(question)) return *std::move(error);
  auto metadata = eliza_calls::with_key(question.metadata, question.message_key, "message_key");
  if (!metadata) return std::move(metadata).error();
  auto request = request_of_session("POST", question.session_id, "/messages", credential);
  if (!request) return request;
  ElizaNewMessage body = question;
  body.metadata = *std::move(metadata);
  if (auto error = providers::add_json_body(*request, body)) return *std::move(error);
  return request;
}

}  // namespace eliza_calls

namespace eliza {

Result<Request> build_send_message(const ElizaNewMessage& question, const Credential& credential) {
  if (question.transport != "websocket" && question.transport != "http") {
    return unusable("transport must be websocket or http.");
  }
  return eliza_calls::request_of_message(question, credential);
}

Result<ElizaSentMessage> parse_send_message(const ElizaNewMessage&, const Response& response) {
  if (response.http_status != 201) return refuse_command(response);
  Sent sent;
  if (auto error = providers::read_answer(providers::eliza, response, sent)) {
    return *std::move(error);
  }
  UserMessage& message = sent.user_message;
  ElizaSentMessage answer;
  answer.id = std::move(message.id);
  answer.channel_id = std::move(message.channel_id);
  const auto created_at = eliza_calls::time_of(message.created_at);
  if (!created_at) {
    return Error(Violation{.where = "/userMessage/created_at",
                           .expected = "milliseconds since 1970",
                           .found = "a number out of range"},
                 providers::eliza.name, response.http_status);
  }
  answer.created_at = *created_at;
  answer.status = std::move(sent.status);
  answer.reply = std::move(sent.reply);
  answer.extra = std::move(message.extra);
  return answer;
}

Result<Request> build_get_messages(const ElizaMessageQuery& question,
                                   const Credential& credential) {
  if (auto error = check_query(question)) return *std::move(error);
  auto request = request_of_session("GET", question.session_id, "/messages", credential);
  if (!request) return request;
  providers::add_query(*request, "limit", question.limit);
  providers::add_query(*request, "before", question.before);
  providers::add_query(*request, "after", question.after);
  return request;
}

Result<ElizaMessagePage> parse_get_messages(const ElizaMessageQuery&, const Response& response) {
  if (response.http_status != 200) return refuse_command(response);
  ElizaMessagePage page;
  if (auto error = providers::read_answer(providers::eliza, response, page, kElizaPageLimit)) {
    return *std::move(error);
  }
  return page;
}

}  // namespace eliza

}  // namespace sessionvitals

// A message whose reply is streamed, as server-sent events.
//
//     POST /api/messaging/sessions/{sessionId}/messages
//          {"content": "...", "transport": "sse", ...}
//          200 text/event-stream
//              event: user_message   data: {"id": "...", "content": "...", "created_at": MS, ...}
//              event: chunk          data: {"messageId": "...", "chunk": "...", "index": 0}
//              event: done           data: {"text": "...", ...}      the last, or
//              event: error          data: {"error": "..."}

#include "sessionvitals/providers/eliza_stream.h"

#include <array>
#include <utility>

#include "sessionvitals/providers/eliza_calls/common.h"

namespace sessionvitals {

namespace {

struct StreamedMessage {
  std::string id;
  std::optional<std::string> content;
  std::int64_t created_at = 0;  // epoch milliseconds
};

struct Chunk {
  std::string text;
  std::optional<std::string> message_id;
  std::optional<std::int64_t> index;
};

struct WholeReply {
  std::optional<std::string> text;
};

struct Failure {
  std::string error;
};

}  // namespace

template <>
constexpr auto providers::kMembers<StreamedMessage> = std::array{
    required<&StreamedMessage::id>("id"),
    optional<&StreamedMessage::content>("content"),
    required<&StreamedMessage::created_at>("created_at"),
};

template <>
constexpr auto providers::kMembers<Chunk> = std::array{
    required<&Chunk::text>("chunk"),
    optional<&Chunk::message_id>("messageId"),
    optional<&Chunk::index>("index"),
};

template <>
constexpr auto providers::kMembers<WholeReply> = std::array{
    optional<&WholeReply::text>("text"),
};

template <>
constexpr auto providers::kMembers<Failure> = std::array{
    required<&Failure::error>("error"),
};

namespace {

// What JavaScript writes, in place of JSON, for a value that is none.
constexpr std::string_view kUndefined = "undefined";

Error broken(Violation violation) {
  return Error(std::move(violation), providers::eliza.name, 200);
}

std::optional<Error> read_user_message(const std::string& data, ElizaStreamEvent& event) {
  StreamedMessage message;
  if (auto violation = providers::read_json(data, message)) return broken(*std::move(violation));
  event.created_at = eliza_calls::time_of(message.created_at);
  if (!event.created_at) {
    return broken({"/created_at", "milliseconds since 1970", "a number out of range"});
  }
  event.message_id = std::move(message.id);
  event.text = std::move(message.content);
  return std::nullopt;
}

std::optional<Error> read_chunk(const std::string& data, ElizaStreamEvent& event) {
  Chunk chunk;
  if (auto violation = providers::read_json(data, chunk)) return broken(*std::move(violation));
  event.text = std::move(chunk.text);
  event.message_id = std::move(chunk.message_id);
  event.index = chunk.index;
  return std::nullopt;
}

std::optional<Error> read_done(const std::string& data, ElizaStreamEvent& event) {
  if (data == "null" || data == kUndefined) return std::nullopt;
  WholeReply reply;
  if (auto violation = providers::read_json(data, reply)) return broken(*std::move(violation));
  event.text = std::move(reply.text);
  return std::nullopt;
}

Error failure_of(const std::string& data) {
  Failure failure;
  if (auto violation = providers::read_json(data, failure)) return broken(*std::move(violation));
  ErrorResponse response;
  response.http_status = 200;
  response.message = failure.error;
  response.body = data;
  return Error("elizaOS: the agent failed: " + failure.error +
                   ". The message is stored: look before you send it again.",
               std::move(response));
}

}  // namespace

namespace eliza {

Result<Request> build_stream_message(const ElizaStreamedMessage& question,
                                     const Credential& credential) {
  auto request = eliza_calls::request_of_message({.session_id = question.session_id,
                                                  .content = question.content,
                                                  .transport = "sse",
                                                  .metadata = question.metadata,
                                                  .attachments = question.attachments,
                                                  .message_key = question.message_key},
                                                 credential);
  if (!request) return request;
  for (Header& header : request->headers) {
    if (header.name == "Accept") header.value = "text/event-stream";
  }
  return request;
}

Result<ElizaStreamEvent> parse_stream_event(const ElizaStreamedMessage&,
                                            const ServerSentEvent& event) {
  if (event.type == "error") return failure_of(event.data);
  ElizaStreamEvent read;
  read.type = event.type;
  if (event.data != kUndefined) read.data = JsonText{event.data};
  std::optional<Error> error;
  if (event.type == "user_message") error = read_user_message(event.data, read);
  if (event.type == "chunk") error = read_chunk(event.data, read);
  if (event.type == "done") error = read_done(event.data, read);
  if (error) return *std::move(error);
  return read;
}

Error refuse_stream(const ElizaStreamedMessage&, const Response& response) {
  if (response.http_status >= 300) return eliza_calls::refuse_command(response);
  return broken({"", "a stream of events", "another answer"});
}

}  // namespace eliza

}  // namespace sessionvitals

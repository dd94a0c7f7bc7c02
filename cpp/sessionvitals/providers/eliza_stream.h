#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sessionvitals/providers/eliza.h"
#include "sessionvitals/stream.h"

/// A message to an elizaOS agent whose reply comes in pieces.
namespace sessionvitals {

/// The question of stream_message().
struct ElizaStreamedMessage {
  std::string session_id;
  std::string content;  // 1 to 4,000 UTF-16 units
  std::optional<JsonText> metadata = {};
  std::optional<JsonText> attachments = {};
  // Kept in the metadata, which must then be an object: to find the message by.
  std::optional<std::string> message_key = {};

  bool operator==(const ElizaStreamedMessage&) const = default;
};

/// One event of the reply. Which members are there follows from the type:
///
///     user_message  message_id, created_at, text: the message, as the server has stored it
///     chunk         text: the next piece; message_id, of the reply, and index, from 0
///     done          text: the whole reply, if it has one; the stream ends here. The data of an
///                   agent's reply that is none is undefined
///     another word  data alone
struct ElizaStreamEvent {
  std::string type;
  std::optional<std::string> text;
  std::optional<std::string> message_id;
  std::optional<std::int64_t> index;
  std::optional<Timestamp> created_at;
  std::optional<JsonText> data;  // all of it, as it came; none for JavaScript's undefined

  bool operator==(const ElizaStreamEvent&) const = default;
};

namespace eliza {

/// Writes the request. Fails as build_send_message() does.
Result<Request> build_stream_message(const ElizaStreamedMessage& question,
                                     const Credential& credential);

/// Reads one event. Fails with an HttpStatusError of status 200 for an event "error", which is how
/// an agent fails here, and with a ContractError for one that is not as the server's source has it.
Result<ElizaStreamEvent> parse_stream_event(const ElizaStreamedMessage& question,
                                            const ServerSentEvent& event);

/// Returns what a response says that is no stream.
Error refuse_stream(const ElizaStreamedMessage& question, const Response& response);

inline constexpr Stream<ElizaStreamedMessage, ElizaStreamEvent> kStreamMessage{
    "stream_message", Effect::once, build_stream_message, parse_stream_event, refuse_stream};

}  // namespace eliza

}  // namespace sessionvitals

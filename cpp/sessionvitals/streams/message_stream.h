#pragma once

#include "sessionvitals/client/client.h"
#include "sessionvitals/providers/eliza_stream.h"
#include "sessionvitals/streams/event_stream.h"

namespace sessionvitals {

/// Sends a message to an elizaOS agent and gives its reply as it comes: user_message, any number of
/// chunk, done; then the stream has ended.
///
/// The message is sent at the first wait, once: never again by itself once a byte of it may have
/// left, and the stream is never opened again. If it is lost before done, the error says what of
/// the reply has come; every error after the head has may_have_taken_effect(), because the message
/// is stored by then. An agent that fails is an HttpStatusError of status 200.
EventStream<ElizaStreamEvent> open_message_stream(const Client& client,
                                                  ElizaStreamedMessage message,
                                                  StreamOptions options);

}  // namespace sessionvitals

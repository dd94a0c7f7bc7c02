#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sessionvitals/client/client.h"
#include "sessionvitals/providers/eliza.h"
#include "sessionvitals/streams/message_stream.h"

namespace sessionvitals {

struct ElizaOptions {
  std::optional<std::string> api_key = {};   // default: ELIZA_API_KEY, then none
  std::optional<std::string> base_url = {};  // default: ELIZA_BASE_URL, then http://localhost:3000
  TransportOptions transport = {};
  std::shared_ptr<const Transport> custom_transport = {};  // see transport.h
  CallOptions call = {};
};

/// Asks an elizaOS server.
class ElizaClient : public Client {
 public:
  explicit ElizaClient(ElizaOptions options = {})
      : Client(providers::eliza, {.key = std::move(options.api_key),
                                  .base_url = std::move(options.base_url),
                                  .transport = std::move(options.transport),
                                  .custom_transport = std::move(options.custom_transport),
                                  .call = std::move(options.call)}) {}

  /// Returns the session, with its expiry and the time left. Fails with any
  /// error of errors.h; NotFoundError and SessionExpiredError both mean that
  /// the session is gone.
  Result<ElizaSession> get_session(std::string_view session_id,
                                   const CallOptions& options = {}) const {
    return call(eliza::kGetSession, {std::string(session_id)}, options);
  }

  /// Returns what the server says of itself. Fails with any error of errors.h.
  Result<ElizaHealth> check_health(const CallOptions& options = {}) const {
    return call(eliza::kCheckHealth, {}, options);
  }

  /// Creates a session and returns it; the config that comes back is the one that holds.
  /// Never sent again by itself once a byte may have left. Fails with any error of
  /// errors.h; NotFoundError for an agent that does not run.
  Result<ElizaSession> create_session(const ElizaNewSession& session,
                                      const CallOptions& options = {}) const {
    return call(eliza::kCreateSession, session, options);
  }

  /// Returns the live sessions of all users. Fails with any error of errors.h;
  /// ContractError for an answer over 16 MiB, which is about 30,000 sessions.
  Result<Page<ElizaSession>> list_sessions(const CallOptions& options = {}) const {
    return call(eliza::kListSessions, {}, options);
  }

  /// Has the session's time start anew, whatever its config says. Fails with any error of
  /// errors.h; SessionExpiredError also at its maximum duration.
  Result<ElizaSession> renew_session(std::string_view session_id,
                                     const CallOptions& options = {}) const {
    return call(eliza::kRenewSession, {std::string(session_id)}, options);
  }

  /// Says that the session is in use: renews it if its config says so. Fails as
  /// renew_session() does.
  Result<ElizaSession> send_heartbeat(std::string_view session_id,
                                      const CallOptions& options = {}) const {
    return call(eliza::kSendHeartbeat, {std::string(session_id)}, options);
  }

  /// Replaces the session's whole timeout config. Fails with any error of errors.h.
  Result<ElizaSession> update_timeout(const ElizaNewTimeout& timeout,
                                      const CallOptions& options = {}) const {
    return call(eliza::kUpdateTimeout, timeout, options);
  }

  /// Deletes the session. Fails with any error of errors.h; a NotFoundError only if no
  /// earlier attempt of the same call may have deleted it.
  Result<NoContent> delete_session(std::string_view session_id,
                                   const CallOptions& options = {}) const {
    return call(eliza::kDeleteSession, {std::string(session_id)}, options);
  }

  /// Sends a message of the session's user. With transport "http" it waits for the agent's
  /// answer, for 35 s if no timeout is set. Never sent again by itself once a byte may have
  /// left. Fails with any error of errors.h; a ServerError may come after the message was
  /// stored.
  Result<ElizaSentMessage> send_message(const ElizaNewMessage& message,
                                        const CallOptions& options = {}) const {
    return call(eliza::kSendMessage, message, options);
  }

  /// Sends a message of the session's user, at the first wait for an event, and returns the
  /// agent's reply as it comes; see message_stream.h.
  EventStream<ElizaStreamEvent> stream_message(ElizaStreamedMessage message,
                                               StreamOptions options = {}) const {
    return open_message_stream(*this, std::move(message), std::move(options));
  }

  /// Returns some of the session's messages, newest first. Fails with any error of errors.h.
  Result<ElizaMessagePage> get_messages(const ElizaMessageQuery& query,
                                        const CallOptions& options = {}) const {
    return call(eliza::kGetMessages, query, options);
  }

  /// Returns a client that differs in the options that are set.
  ElizaClient with_options(const CallOptions& options) const { return view_of(*this, options); }
};

}  // namespace sessionvitals

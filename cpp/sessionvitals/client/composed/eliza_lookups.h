#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "sessionvitals/client/eliza_client.h"

/// What takes several of elizaOS's calls: all messages of a session, and what is found
/// by a key of yours after an answer was lost.
namespace sessionvitals {

/// Reads a session's messages, newest first, each once:
///
///     ElizaMessageReader reader(client, "session-1");
///     for (;;) {
///       const auto message = reader.next();
///       if (!message) return fail(message.error());
///       if (!*message) break;
///       use(**message);
///     }
///
/// It asks for pages of 100 as they are needed; the server counts 1,000 requests in 15
/// minutes for each address. A message that comes meanwhile may or may not be read.
class ElizaMessageReader {
 public:
  /// Reads back to `since`, in epoch milliseconds, or all. `options` are of each page.
  ElizaMessageReader(ElizaClient client, std::string session_id,
                     std::optional<std::int64_t> since = {}, CallOptions options = {});

  /// Returns the next message, or nothing after the last. Fails as get_messages() does,
  /// and with a ContractError if a millisecond has 100 messages or more, which the server
  /// cannot page. After an error nothing is left.
  Result<std::optional<ElizaMessage>> next();

 private:
  std::optional<Error> read_page();
  std::optional<Error> take(ElizaMessagePage page);

  ElizaClient client_;
  ElizaMessageQuery query_;
  std::optional<std::int64_t> since_;
  CallOptions options_;
  std::deque<ElizaMessage> ready_;
  std::unordered_set<std::string> edge_;  // ids of the last millisecond of the page before
  bool is_over_ = false;
};

/// Returns the newest live session that was created with that key, or nothing, which does
/// not say that there will be none: the server may still be at it. Fails as
/// list_sessions() does.
Result<std::optional<ElizaSession>> find_session(const ElizaClient& client,
                                                 std::string_view create_key,
                                                 const CallOptions& options = {});

/// Returns the newest message of the session's user that was sent with that key, or
/// nothing, as find_session(). Fails as ElizaMessageReader does.
Result<std::optional<ElizaMessage>> find_message(const ElizaClient& client,
                                                 std::string_view session_id,
                                                 std::string_view message_key,
                                                 const CallOptions& options = {});

/// Creates a session as create_session() does. After an outcome that may have taken effect
/// it looks for the session by its create_key, once, and returns it if it is there, with
/// `reconciled` in the report of the lost call; else fails with the first error. It never
/// creates twice. Fails with a ConfigurationError without a create_key, and with a
/// ContractError if two sessions have it.
Result<ElizaSession> create_reconciled(const ElizaClient& client, const ElizaNewSession& session,
                                       const CallOptions& options = {});

}  // namespace sessionvitals

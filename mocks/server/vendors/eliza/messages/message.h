// The messages of an elizaOS session, its user's and its agent's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "values/json.h"

namespace mock {

struct ElizaMessage {
  std::string id;
  std::string content;
  std::string author_id;
  bool is_agent = false;
  Time created_at = 0;  // an agent's reply is stored with the time at which it will be there
  Json metadata = Json::object();
};

/// JSON as the server's database gives it back: the members of each object by the length of their
/// names, those of one length by their bytes. [wire]
Json as_stored(const Json& json);

/// About how much memory it takes.
std::size_t bytes_of(const ElizaMessage& message);

/// As GET messages shows it.
Json to_json(const ElizaMessage& message);

/// As read_messages() takes it.
Json to_seed(const ElizaMessage& message);

/// Reads messages as scenarios have them, behind those that are there. Throws BadRequest.
void read_messages(const Json& list, const std::string& path, std::string_view session_id,
                   std::string_view user_id, std::string_view agent_id, Time now,
                   std::vector<ElizaMessage>& messages);

/// What a query of GET messages asks for. Times are exclusive.
struct MessageQuery {
  std::size_t limit = 50;
  std::optional<double> before = std::nullopt;
  std::optional<double> after = std::nullopt;
};

/// The page that the real server gives, newest first. It reads only so many messages, so a page of
/// `after`, or of both bounds, may leave out some that fit. [vendor]
std::vector<const ElizaMessage*> select_page(const std::vector<ElizaMessage>& messages,
                                             const MessageQuery& query, Time now);

}  // namespace mock

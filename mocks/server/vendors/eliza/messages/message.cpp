#include "vendors/eliza/messages/message.h"

#include <algorithm>

namespace mock {

namespace {

// An id that is the same in every run: FNV-1a of the session's, and the message's place.
std::string seeded_id(std::string_view session_id, std::size_t place) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : session_id) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  std::string id = "00000000-0000-4000-8000-000000000000";
  for (std::size_t i = 0; i < 8; ++i) id[i] = "0123456789abcdef"[(hash >> (4 * i)) & 15];
  for (std::size_t i = 0; i < 12; ++i) id[35 - i] = "0123456789abcdef"[(place >> (4 * i)) & 15];
  return id;
}

using Page = std::vector<const ElizaMessage*>;

// The newest messages that are there, at most `limit`. Of one millisecond, the last stored first.
Page newest(const std::vector<ElizaMessage>& messages, std::size_t limit,
            std::optional<double> before, Time now) {
  Page page;
  for (auto message = messages.rbegin(); message != messages.rend(); ++message) {
    const bool is_there = message->created_at <= now;
    const auto at = static_cast<double>(message->created_at);
    if (is_there && (!before || at < *before)) page.push_back(&*message);
  }
  std::ranges::stable_sort(page, std::ranges::greater(), &ElizaMessage::created_at);
  page.resize(std::min(page.size(), limit));
  return page;
}

}  // namespace

Json as_stored(const Json& json) {
  Json stored = json;
  if (stored.is_array()) {
    for (Json& element : stored) element = as_stored(element);
  }
  if (!stored.is_object()) return stored;
  using Member = std::pair<std::string, Json>;
  std::vector<Member> members;
  for (const auto& [name, value] : json.items()) members.emplace_back(name, as_stored(value));
  std::ranges::sort(members, {}, [](const Member& member) {
    return std::pair<std::size_t, std::string_view>(member.first.size(), member.first);
  });
  stored = Json::object();
  for (auto& [name, value] : members) stored[name] = std::move(value);
  return stored;
}

std::size_t bytes_of(const ElizaMessage& message) {
  return sizeof message + message.id.size() + message.content.size() + message.author_id.size() +
         memory_of(message.metadata);
}

Json to_json(const ElizaMessage& message) {
  return {{"id", message.id},
          {"content", message.content},
          {"authorId", message.author_id},
          {"isAgent", message.is_agent},
          {"createdAt", iso_time(message.created_at)},
          {"metadata", message.metadata}};
}

Json to_seed(const ElizaMessage& message) {
  return {{"id", message.id},
          {"content", message.content},
          {"author_id", message.author_id},
          {"is_agent", message.is_agent},
          {"created_at", iso_time(message.created_at)},
          {"metadata", message.metadata}};
}

void read_messages(const Json& list, const std::string& path, std::string_view session_id,
                   std::string_view user_id, std::string_view agent_id, Time now,
                   std::vector<ElizaMessage>& messages) {
  std::size_t number = 0;
  for (const Json& json : list) {
    Members members(json, path + "[" + std::to_string(number++) + "]");
    ElizaMessage message;
    message.content = members.string("content");
    message.is_agent = members.optional_boolean("is_agent").value_or(false);
    message.id = members.optional_string("id").value_or(seeded_id(session_id, messages.size()));
    message.author_id = members.optional_string("author_id")
                            .value_or(std::string(message.is_agent ? agent_id : user_id));
    message.created_at = members.optional_time("created_at").value_or(now);
    if (const Json* metadata = members.object("metadata")) message.metadata = *metadata;
    members.refuse_others();
    messages.push_back(std::move(message));
  }
}

std::vector<const ElizaMessage*> select_page(const std::vector<ElizaMessage>& messages,
                                             const MessageQuery& query, Time now) {
  if (!query.after) return newest(messages, query.limit, query.before, now);
  const std::size_t read = query.before ? std::min<std::size_t>(500, query.limit * 10)
                                        : std::min<std::size_t>(1000, query.limit * 20);
  Page page = newest(messages, read, query.before, now);
  std::erase_if(page, [&](const ElizaMessage* message) {
    return static_cast<double>(message->created_at) <= *query.after;
  });
  if (page.size() <= query.limit) return page;
  // With both bounds the newest of what was read, with `after` alone the oldest.
  if (query.before) {
    page.resize(query.limit);
  } else {
    page.erase(page.begin(), page.end() - static_cast<std::ptrdiff_t>(query.limit));
  }
  return page;
}

}  // namespace mock

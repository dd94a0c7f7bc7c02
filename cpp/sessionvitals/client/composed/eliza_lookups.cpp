#include "sessionvitals/client/composed/eliza_lookups.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace sessionvitals {

namespace {

constexpr std::size_t kPage = 100;  // as many messages as the server gives at once

std::int64_t milliseconds_of(Timestamp time) {
  return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

Error broken(std::string expected, std::string found) {
  return Error(
      Violation{.where = "messages", .expected = std::move(expected), .found = std::move(found)},
      "elizaOS", 200);
}

Result<std::vector<ElizaSession>> sessions_of(const ElizaClient& client,
                                              std::string_view create_key,
                                              const CallOptions& options) {
  auto sessions = client.list_sessions(options);
  if (!sessions) return std::move(sessions).error();
  std::vector<ElizaSession> found;
  for (const ElizaSession& session : *sessions) {
    if (has_eliza_key(session.metadata, create_key)) found.push_back(session);
  }
  return found;
}

}  // namespace

ElizaMessageReader::ElizaMessageReader(ElizaClient client, std::string session_id,
                                       std::optional<std::int64_t> since, CallOptions options)
    : client_(std::move(client)),
      query_{.session_id = std::move(session_id), .limit = kPage},
      since_(since),
      options_(std::move(options)) {}

Result<std::optional<ElizaMessage>> ElizaMessageReader::next() {
  while (ready_.empty() && !is_over_) {
    if (auto error = read_page()) {
      is_over_ = true;
      ready_.clear();
      return *std::move(error);
    }
  }
  if (ready_.empty()) return std::optional<ElizaMessage>();
  std::optional<ElizaMessage> message = std::move(ready_.front());
  ready_.pop_front();
  return message;
}

std::optional<Error> ElizaMessageReader::read_page() {
  auto page = client_.get_messages(query_, options_);
  if (!page) return std::move(page).error();
  const auto call = page->call;
  auto error = take(*std::move(page));
  if (error) error->set_call(call);
  return error;
}

// The server's `before` is exclusive and counts milliseconds. A page may end within one, so the
// next page begins with all of that millisecond, and what was there already is dropped.
std::optional<Error> ElizaMessageReader::take(ElizaMessagePage page) {
  const std::unordered_set<std::string> seen = std::exchange(edge_, {});
  // A short page is the last: the server says that there may be more only of a full one.
  is_over_ = page.messages.size() < kPage && !page.has_more;
  if (page.messages.empty()) {
    if (is_over_) return std::nullopt;
    return broken("messages, as has_more says", "none");
  }
  const auto [oldest, newest] =
      std::ranges::minmax_element(page.messages, {}, &ElizaMessage::created_at);
  const std::int64_t last = milliseconds_of(oldest->created_at);
  if (query_.before && milliseconds_of(newest->created_at) >= *query_.before) {
    return broken("messages of before the time that was asked for", "a later one");
  }
  const bool is_wanted = !since_ || last >= *since_;
  if (!is_over_ && is_wanted && last == milliseconds_of(newest->created_at)) {
    return broken("fewer than 100 messages of a millisecond, or they cannot be paged",
                  "a whole page of one");
  }
  query_.before = last + 1;
  is_over_ = is_over_ || !is_wanted;
  for (ElizaMessage& message : page.messages) {
    const std::int64_t at = milliseconds_of(message.created_at);
    if (at == last) edge_.insert(message.id);
    if (seen.contains(message.id) || (since_ && at < *since_)) continue;
    ready_.push_back(std::move(message));
  }
  return std::nullopt;
}

Result<std::optional<ElizaSession>> find_session(const ElizaClient& client,
                                                 std::string_view create_key,
                                                 const CallOptions& options) {
  auto found = sessions_of(client, create_key, options);
  if (!found) return std::move(found).error();
  if (found->empty()) return std::optional<ElizaSession>();
  return std::optional(std::move(*std::ranges::max_element(*found, {}, &ElizaSession::created_at)));
}

Result<std::optional<ElizaMessage>> find_message(const ElizaClient& client,
                                                 std::string_view session_id,
                                                 std::string_view message_key,
                                                 const CallOptions& options) {
  ElizaMessageReader reader(client, std::string(session_id), {}, options);
  for (;;) {
    auto message = reader.next();
    if (!message || !*message) return message;
    if (!(*message)->is_agent && has_eliza_key((*message)->metadata, message_key)) return message;
  }
}

Result<ElizaSession> create_reconciled(const ElizaClient& client, const ElizaNewSession& session,
                                       const CallOptions& options) {
  if (!session.create_key) {
    return Error(ErrorKind::configuration_error,
                 "create_reconciled() needs a create_key: it is what is looked for.");
  }
  auto created = client.create_session(session, options);
  if (created || !created.error().may_have_taken_effect()) return created;
  CallOptions looking = options;
  looking.resend_unsafe = looking.retry_patch = std::nullopt;  // a read needs neither
  auto found = sessions_of(client, *session.create_key, looking);
  if (!found || found->empty()) return created;
  if (found->size() > 1) {
    Error error = broken("one session with the create_key",
                         std::to_string(found->size()) + ": use one that no session had before");
    error.set_call(created.error().call());
    error.set_may_have_taken_effect(true);
    return error;
  }
  ElizaSession answer = std::move(found->front());
  if (const auto& lost = created.error().call()) {
    auto report = std::make_shared<CallReport>(*lost);
    report->reconciled = true;
    answer.call = std::move(report);
  }
  return answer;
}

}  // namespace sessionvitals

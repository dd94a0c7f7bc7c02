// GET /api/messaging/sessions/{id}, X-API-KEY only when the server has a token
//   200  {"sessionId","agentId","userId","channelId","createdAt","lastActivity","expiresAt",
//         "metadata","timeoutConfig":{...},"renewalCount","timeRemaining","isNearExpiration"}
//   404, 410  {"error":"...","code":"...","details":{...}} in the seed's form
#include "vendors/eliza/eliza.h"

#include <algorithm>
#include <array>

#include "sandbox/space.h"
#include "vendors/eliza/body.h"
#include "vendors/eliza/calls.h"
#include "vendors/eliza/javascript.h"
#include "vendors/eliza/messages/calls.h"
#include "vendors/eliza/middleware.h"
#include "vendors/eliza/refusals.h"
#include "vendors/eliza/rules.h"

namespace mock {

using namespace eliza_rules;

namespace {

// HEAD is answered as GET is, and touches as GET does. [wire]
constexpr std::array kRoutes{
    Route{"list_sessions", "GET", "/api/messaging/sessions", &kList, eliza_list},
    Route{"list_sessions", "GET", "/api/messaging/sessions/", &kList, eliza_list},
    Route{"list_sessions", "HEAD", "/api/messaging/sessions", &kList, eliza_list},
    Route{"create_session", "POST", "/api/messaging/sessions", &kCreated, eliza_create},
    Route{"check_health", "GET", "/api/messaging/sessions/health", &kHealth, eliza_health},
    Route{"check_health", "HEAD", "/api/messaging/sessions/health", &kHealth, eliza_health},
    Route{"get_session", "GET", "/api/messaging/sessions/{id}", &kInfo, eliza_get},
    Route{"get_session", "HEAD", "/api/messaging/sessions/{id}", &kInfo, eliza_get},
    Route{"delete_session", "DELETE", "/api/messaging/sessions/{id}", &kDeleted, eliza_delete},
    Route{"renew_session", "POST", "/api/messaging/sessions/{id}/renew", &kRenewed, eliza_renew},
    Route{"send_heartbeat", "POST", "/api/messaging/sessions/{id}/heartbeat", &kHeartbeat,
          eliza_heartbeat},
    Route{"update_timeout", "PATCH", "/api/messaging/sessions/{id}/timeout", &kTimeout,
          eliza_update_timeout},
    Route{"send_message", "POST", "/api/messaging/sessions/{id}/messages", &kSent,
          eliza_send_message},
    Route{"get_messages", "GET", "/api/messaging/sessions/{id}/messages", &kMessages,
          eliza_get_messages},
    Route{"get_messages", "HEAD", "/api/messaging/sessions/{id}/messages", &kMessages,
          eliza_get_messages},
};

constexpr std::array<std::string_view, 2> kStates{"active", "expired"};

bool has_key(const Call& call) {
  const auto& key = call.space.keys.accepted.find("eliza")->second;
  if (!key) return true;
  return eliza_key_of(call) == *key;
}

// The server goes by what looks like a file's ending in the path. [wire]
Answer with_type_by_ending(const Call& call, Answer answer) {
  std::string_view path = call.request.target;
  path = path.substr(0, path.find('?'));
  while (path.ends_with('/')) path.remove_suffix(1);
  path.remove_prefix(path.rfind('/') + 1);
  const std::size_t dot = path.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || answer.headers.empty()) return answer;
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kTypes{{
      {".js", "application/javascript"},
      {".mjs", "application/javascript"},
      {".css", "text/css"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".jpg", "image/jpeg"},
      {".jpeg", "image/jpeg"},
  }};
  for (const auto& [ending, type] : kTypes) {
    if (!equals_ignoring_case(path.substr(dot), ending)) continue;
    answer.headers[0].value = std::string(type) + "; charset=utf-8";
  }
  return answer;
}

// In seeds the numbers stand as they are: the server holds whatever it was created with.
void read_timeout_config(TimeoutConfig& config, const Json& json, const std::string& path) {
  Members members(json, path);
  const auto number = [&](const char* name, double& field) {
    if (const auto value = members.optional_number(name)) field = *value;
  };
  number("timeoutMinutes", config.timeout_minutes);
  number("maxDurationMinutes", config.max_duration_minutes);
  number("warningThresholdMinutes", config.warning_threshold_minutes);
  if (const auto renew = members.optional_boolean("autoRenew")) config.auto_renew = *renew;
  members.refuse_others();
}

class Eliza final : public Vendor {
 public:
  std::string_view name() const override { return "eliza"; }
  ClientSettings client_settings() const override {
    return {
        .base_path = "", .base_url_variable = "ELIZA_BASE_URL", .key_variable = "ELIZA_API_KEY"};
  }
  std::optional<std::string> default_key() const override { return std::nullopt; }
  std::span<const Route> routes() const override { return kRoutes; }
  std::span<const std::string_view> states() const override { return kStates; }
  bool has_rate_limit() const override { return true; }

  std::unique_ptr<Session> create(std::string id, Timeline timeline) const override {
    auto session = std::make_unique<ElizaSession>(std::move(id), std::move(timeline));
    session->agent_id = "00000000-0000-4000-8000-00000000a9e7";
    session->user_id = "00000000-0000-4000-8000-0000000005e4";
    session->channel_id = "00000000-0000-4000-8000-0000000c4a77";
    session->created_at = session->last_activity = kLatest;  // until read() knows the time
    return session;
  }

  void read(Session& stored, Members& members, Time now) const override {
    auto& session = static_cast<ElizaSession&>(stored);
    if (auto agent = members.optional_string("agent_id")) session.agent_id = std::move(*agent);
    if (auto user = members.optional_string("user_id")) session.user_id = std::move(*user);
    if (auto channel = members.optional_string("channel_id")) session.channel_id = *channel;
    if (const Json* metadata = members.any("metadata")) session.metadata = *metadata;
    if (const Json* config = members.any("timeout_config")) {
      read_timeout_config(session.timeout_config, *config, members.path_of("timeout_config"));
      session.first_timeout_config = session.timeout_config;
    }
    if (const auto count = members.optional_integer("renewal_count"))
      session.renewal_count = *count;
    const auto read_more = [&](const char* name, const Json& list) {
      read_messages(list, members.path_of(name), session.id, session.user_id, session.agent_id, now,
                    session.messages);
    };
    if (const Json* list = members.array("messages")) {
      session.messages.clear();
      read_more("messages", *list);
    }
    if (const Json* list = members.array("append_messages")) read_more("append_messages", *list);
    const bool is_new = session.created_at == kLatest;
    const auto created = members.optional_time("created_at");
    const auto active = members.optional_time("last_activity");
    if (created) session.created_at = *created;
    if (active) session.last_activity = *active;
    if (is_new && !created) session.created_at = active ? std::min(*active, now) : now;
    if (is_new && !active) session.last_activity = session.created_at;
    if (is_new || created || active || members.has("timeout_config")) schedule_expiry(session);
    if (const auto expiry = members.optional_time("expires_at")) session.scheduled_expiry = *expiry;
  }

  void show(Session& stored, Json& json, Time now) const override {
    auto& session = static_cast<ElizaSession&>(stored);
    json["agent_id"] = session.agent_id;
    json["user_id"] = session.user_id;
    json["channel_id"] = session.channel_id;
    json["created_at"] = iso_time(session.created_at);
    json["last_activity"] = iso_time(session.last_activity);
    json["metadata"] = session.metadata;
    json["timeout_config"] = to_json(session.timeout_config);
    json["renewal_count"] = session.renewal_count;
    Json messages = Json::array();
    for (const ElizaMessage& message : session.messages) messages.push_back(to_seed(message));
    json["messages"] = std::move(messages);
    json["state"] = is_expired(session, now) ? "expired" : "active";
    json["expires_at"] = iso_time(expires_at(session, now));
    json["time_remaining_milliseconds"] = time_remaining(session, now);
    json["is_near_expiration"] = is_near_expiration(session, now);
  }

  void leave_seed(Json& json) const override {
    for (const char* name : {"time_remaining_milliseconds", "is_near_expiration"}) json.erase(name);
    Json& renews = json["timeout_config"]["autoRenew"];
    renews = javascript::is_true(renews);
  }

  Answer scripted(Call& call, int http_status) const override {
    if (http_status < 400) return {.http_status = http_status, .headers = {}, .body = ""};
    return eliza_scripted(call, http_status);
  }

  Answer limited(Call& call, const LimitState& state) const override {
    Answer answer = with_type_by_ending(call, eliza_limited(call));
    answer.headers.push_back({"Retry-After", std::to_string(state.reset)});
    return answer;
  }

  void add_limit_headers(Answer& answer, const LimitState& state) const override {
    const std::string limit = std::to_string(state.limit);
    answer.headers.push_back({"RateLimit-Policy", limit + ";w=" + std::to_string(state.window)});
    answer.headers.push_back({"RateLimit-Limit", limit});
    answer.headers.push_back({"RateLimit-Remaining", std::to_string(state.remaining)});
    answer.headers.push_back({"RateLimit-Reset", std::to_string(state.reset)});
  }

  // The real server parses the body and asks for the key before its limit counts; by its documents
  // every answer carries the limit.
  std::optional<Answer> refuse_uncounted(Call& call) const override {
    if (!speaks_as_server(call)) return std::nullopt;
    if (auto refused = eliza_refuse_body(call)) return refused;
    return has_key(call) ? eliza_refuse_agent(call) : std::optional(eliza_key_refused(call));
  }

  std::optional<Answer> refuse(Call& call) const override {
    if (!has_key(call)) return eliza_key_refused(call);
    if (auto refused = eliza_refuse_type(call)) return with_type_by_ending(call, *refused);
    const bool is_escaped = call.id_as_sent.find('%') != std::string_view::npos;
    if (call.bad_escape || (is_escaped && !javascript::is_utf8(call.id))) {
      return with_type_by_ending(call, eliza_bad_escape(call));
    }
    return std::nullopt;
  }

  Answer finish(const Call& call, Answer answer) const override {
    return eliza_if_changed(call, with_type_by_ending(call, std::move(answer)));
  }

  bool case_insensitive_routes(const Space& space) const override {
    return space.dialect.eliza == "server";
  }
};

}  // namespace

const Vendor* eliza() {
  static const Eliza kEliza;
  return &kEliza;
}

}  // namespace mock

#include "eliza_calls.h"

#include <array>

#include "eliza.h"
#include "eliza_errors.h"
#include "eliza_timeouts.h"
#include "space.h"

namespace mock {

namespace {

constexpr std::string_view kPage = "contracts/eliza.md";

// Every rule this vendor plays.
constexpr Rule kInfo{"eliza: 200, SessionInfo; reading never renews", "wire", kPage};
constexpr Rule kNotFound{"eliza: 404, no such session", "seed", kPage};
constexpr Rule kExpired{"eliza: 410 is answered once, the session is gone after it", "wire", kPage};
constexpr Rule kList{"eliza: the list shows live sessions only", "wire", kPage};
constexpr Rule kHealth{"eliza: /sessions/health is reserved", "wire", kPage};
constexpr Rule kCreated{"eliza: 201, created; a timeoutConfig out of range is clamped", "wire",
                        kPage};
constexpr Rule kBadCreate{"eliza: agentId, then userId must be UUIDs", "wire", kPage};
constexpr Rule kNoAgent{"eliza: 404, an unknown agent", "wire", kPage};
constexpr Rule kBadMetadata{"eliza: metadata is at most 10240 characters of JSON", "wire", kPage};
constexpr Rule kRenewed{"eliza: renew works whatever autoRenew says", "wire", kPage};
constexpr Rule kHeartbeat{"eliza: a heartbeat renews if autoRenew, else moves lastActivity", "wire",
                          kPage};
constexpr Rule kTimeout{"eliza: PATCH timeout replaces the whole config", "wire", kPage};
constexpr Rule kBadTimeout{"eliza: PATCH timeout refuses wrong types and timeouts out of 5..1440",
                           "wire", kPage};
constexpr Rule kDeleted{"eliza: DELETE, an expired but stored session too", "wire", kPage};
constexpr Rule kContentType{"eliza: a body needs Content-Type: application/json", "wire", kPage};
constexpr Rule kBadBody{"eliza: a body that does not parse is always 500", "wire", kPage};
constexpr Rule kBadEscape{"eliza: a malformed percent escape is 500", "wire", kPage};
constexpr Rule kLimited{"eliza: 429, over all of /api", "wire", kPage};
constexpr Rule kScripted{"eliza: an error body for a scripted status", "inferred", kPage};
constexpr Rule kWrongKey{"eliza: 401, a server with a token wants X-API-KEY", "wire", kPage};

bool as_server(const Call& call) { return call.space.dialect.eliza == "server"; }

Answer refuse(const Call& call, const ElizaError& error, const Rule& rule) {
  return eliza_error(error, rule, as_server(call), call.now);
}

ElizaSession* find(const Call& call) {
  return static_cast<ElizaSession*>(call.space.sessions(*eliza()).find(call.id));
}

Answer not_found(const Call& call) {
  return refuse(call,
                {.http_status = 404,
                 .code = "SESSION_NOT_FOUND",
                 .message = "Session with ID '" + call.id + "' not found",
                 .seed_details = {{"sessionId", call.id}},
                 .seed_message = "Session not found"},
                kNotFound);
}

// The server removes expired sessions every fifth minute, counted here from midnight.
bool was_cleaned_up(const Call& call, Time expired) {
  constexpr Time kEvery = 5 * 60000;
  return call.space.dialect.eliza_clean_up && call.now / kEvery > expired / kEvery;
}

// Removes an expired session and says so; nothing when it is alive.
std::optional<Answer> bury(const Call& call, ElizaSession& session) {
  const Time expired = expires_at(session, call.now);
  if (expired > call.now) return std::nullopt;
  const bool cleaned_up = was_cleaned_up(call, expired);
  call.space.sessions(*eliza()).remove(call.id);
  if (cleaned_up) return not_found(call);
  const std::string time = iso_time(expired);
  return refuse(call,
                {.http_status = 410,
                 .code = "SESSION_EXPIRED",
                 .message = "Session '" + call.id + "' expired at " + time,
                 .seed_details = {{"sessionId", call.id}, {"expiresAt", time}},
                 .seed_message = "Session has expired"},
                kExpired);
}

// The session when it is there and alive; else `refused` has the answer.
ElizaSession* find_live(const Call& call, Answer& refused) {
  ElizaSession* session = find(call);
  if (session == nullptr) {
    refused = not_found(call);
    return nullptr;
  }
  if (auto gone = bury(call, *session)) {
    refused = std::move(*gone);
    return nullptr;
  }
  return session;
}

Answer info(const Call& call, ElizaSession& session, const Rule& rule) {
  return eliza_json(200, session_info(session, call.now), rule);
}

// Express picks the type from what looks like a file's ending in the path. [wire]
std::string_view type_by_ending(std::string_view id) {
  if (id.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (id.ends_with(".css")) return "text/css; charset=utf-8";
  if (id.ends_with(".png")) return "image/png";
  return "";
}

bool is_uuid(const Json& json) {
  if (!json.is_string()) return false;
  const auto& text = json.get_ref<const std::string&>();
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = text[i];
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !hex) return false;
  }
  return true;
}

ElizaError invalid(std::string message, Json details) {
  return {.http_status = 400,
          .code = "VALIDATION_ERROR",
          .message = std::move(message),
          .details = std::move(details)};
}

// Reads a JSON body; else `refused` has the answer.
std::optional<Json> read_body(const Call& call, Answer& refused) {
  const std::string* type = call.request.header("Content-Type");
  if (type == nullptr || !equals_ignoring_case(type->substr(0, 16), "application/json")) {
    refused = refuse(call,
                     {.http_status = 400,
                      .code = "INVALID_CONTENT_TYPE",
                      .message = "Content-Type must be application/json",
                      .by = ElizaRefusal::by_middleware},
                     kContentType);
    return std::nullopt;
  }
  try {
    Json body = parse_json(call.request.body);
    if (body.is_object()) return body;
  } catch (const Refusal&) {
  }
  refused = refuse(call,
                   {.http_status = 500,
                    .code = "INTERNAL_SERVER_ERROR",
                    .message = "The body is not a JSON object",
                    .by = ElizaRefusal::by_body_parser},
                   kBadBody);
  return std::nullopt;
}

std::optional<ElizaError> problem_with_ids(const Json& body) {
  Json missing = Json::array();
  for (const char* name : {"agentId", "userId"}) {
    if (!body.contains(name) || body[name].is_null()) missing.push_back(name);
  }
  if (missing.size() == 2) {
    return invalid("Missing required fields: agentId, userId", {{"missingFields", missing}});
  }
  for (const char* name : {"agentId", "userId"}) {
    const Json value = body.contains(name) ? body[name] : Json(nullptr);
    if (is_uuid(value)) continue;
    return invalid(std::string("Invalid UUID format for field '") + name + "'",
                   {{"providedValue", value}, {"expectedFormat", "UUID"}});
  }
  return std::nullopt;
}

bool is_known_agent(const Call& call, const std::string& agent) {
  const auto& agents = call.space.dialect.eliza_agents;
  if (!agents) return true;
  for (const std::string& known : *agents) {
    if (known == agent) return true;
  }
  return false;
}

std::string created_body(ElizaSession& session, Time now) {
  Json body;
  body["sessionId"] = session.id;
  body["channelId"] = session.channel_id;
  body["agentId"] = session.agent_id;
  body["userId"] = session.user_id;
  body["createdAt"] = iso_time(session.created_at);
  body["metadata"] = session.metadata;
  body["expiresAt"] = iso_time(expires_at(session, now));
  body["timeoutConfig"] = to_json(session.timeout_config);
  return to_text(body);
}

ElizaSession& store_created(Call& call, const Json& body) {
  auto session =
      std::make_unique<ElizaSession>(call.random.uuid(), Timeline(call.now, "active", {}));
  session->channel_id = call.random.uuid();
  session->agent_id = body["agentId"];
  session->user_id = body["userId"];
  session->created_at = session->last_activity = call.now;
  if (body.contains("metadata") && !body["metadata"].is_null())
    session->metadata = body["metadata"];
  if (body.contains("timeoutConfig")) session->timeout_config = clamped(body["timeoutConfig"]);
  schedule_expiry(*session);
  return static_cast<ElizaSession&>(call.space.sessions(*eliza()).put(std::move(session)));
}

}  // namespace

Answer eliza_get(Call& call) {
  Answer refused;
  ElizaSession* session = find_live(call, refused);
  if (session == nullptr) return refused;
  Answer answer = info(call, *session, kInfo);
  session->timeline.count_read(call.now);
  if (const auto type = type_by_ending(call.id); !type.empty()) answer.headers[0].value = type;
  const std::string* known = call.request.header("If-None-Match");
  if (known != nullptr && *known == answer.headers[1].value) {
    answer.http_status = 304;
    answer.body.clear();
  }
  return answer;
}

Answer eliza_list(Call& call) {
  SessionStore& store = call.space.sessions(*eliza());
  std::string sessions;
  size_t live = 0;
  for (Session* stored : store.in_order()) {
    auto& session = static_cast<ElizaSession&>(*stored);
    if (is_expired(session, call.now)) continue;
    sessions.append(live++ == 0 ? "" : ",").append(session_info(session, call.now));
  }
  const Json stats = {{"totalSessions", store.size()},
                      {"activeSessions", live},
                      {"expiredSessions", store.size() - live}};
  return eliza_json(200,
                    "{\"sessions\":[" + sessions + "],\"total\":" + std::to_string(live) +
                        ",\"stats\":" + to_text(stats) + "}",
                    kList);
}

Answer eliza_health(Call& call) {
  size_t live = 0;
  size_t soon = 0;
  for (Session* stored : call.space.sessions(*eliza()).in_order()) {
    auto& session = static_cast<ElizaSession&>(*stored);
    live += is_expired(session, call.now) ? 0 : 1;
    soon += is_near_expiration(session, call.now) ? 1 : 0;
  }
  const Time up = std::max<Time>(0, call.now - call.space.started_at);
  const Json body = {{"status", "healthy"},
                     {"activeSessions", live},
                     {"timestamp", iso_time(call.now)},
                     {"expiringSoon", soon},
                     {"uptime", static_cast<double>(up) / 1000.0}};
  return eliza_json(200, to_text(body), kHealth);
}

Answer eliza_create(Call& call) {
  Answer refused;
  const auto body = read_body(call, refused);
  if (!body) return refused;
  if (const auto problem = problem_with_ids(*body)) return refuse(call, *problem, kBadCreate);
  const std::string agent = (*body)["agentId"];
  if (!is_known_agent(call, agent)) {
    return refuse(call,
                  {.http_status = 404,
                   .code = "AGENT_NOT_FOUND",
                   .message = "Agent with ID '" + agent + "' not found"},
                  kNoAgent);
  }
  if (body->contains("metadata") && to_text((*body)["metadata"]).size() > 10240) {
    return refuse(call, invalid("Metadata exceeds maximum size of 10240 bytes", nullptr),
                  kBadMetadata);
  }
  ElizaSession& session = store_created(call, *body);
  return eliza_json(201, created_body(session, call.now), kCreated);
}

Answer eliza_renew(Call& call) {
  Answer refused;
  ElizaSession* session = find_live(call, refused);
  if (session == nullptr) return refused;
  renew(*session, call.now);
  return info(call, *session, kRenewed);
}

Answer eliza_heartbeat(Call& call) {
  Answer refused;
  ElizaSession* session = find_live(call, refused);
  if (session == nullptr) return refused;
  if (session->timeout_config.auto_renew) {
    renew(*session, call.now);
  } else {
    session->last_activity = call.now;
  }
  return info(call, *session, kHeartbeat);
}

Answer eliza_change_timeout(Call& call) {
  Answer refused;
  ElizaSession* session = find_live(call, refused);
  if (session == nullptr) return refused;
  const auto body = read_body(call, refused);
  if (!body) return refused;
  if (const std::string problem = problem_with_timeout(*body); !problem.empty()) {
    return refuse(call, invalid(problem, *body), kBadTimeout);
  }
  session->timeout_config = clamped(*body);
  schedule_expiry(*session);
  return info(call, *session, kTimeout);
}

Answer eliza_delete(Call& call) {
  if (!call.space.sessions(*eliza()).remove(call.id)) return not_found(call);
  const Json body = {{"success", true},
                     {"message", "Session " + call.id + " deleted successfully"}};
  return eliza_json(200, to_text(body), kDeleted);
}

Answer eliza_key_refused(const Call& call) {
  return refuse(call,
                {.http_status = 401,
                 .code = "UNAUTHORIZED",
                 .message = "Provide the server's token in the X-API-KEY header",
                 .by = ElizaRefusal::by_authentication},
                kWrongKey);
}

Answer eliza_bad_escape(const Call& call) {
  return refuse(call,
                {.http_status = 500,
                 .code = "INTERNAL_SERVER_ERROR",
                 .message = "Failed to decode the session id",
                 .by = ElizaRefusal::by_body_parser},
                kBadEscape);
}

Answer eliza_limited(const Call& call) {
  return refuse(call,
                {.http_status = 429,
                 .code = "RATE_LIMIT_EXCEEDED",
                 .message = "Too many requests, please try again later",
                 .by = ElizaRefusal::by_middleware},
                kLimited);
}

Answer eliza_scripted(const Call& call, int http_status) {
  const bool ours = http_status == 500;
  return refuse(call,
                {.http_status = http_status,
                 .code = ours ? "INTERNAL_SERVER_ERROR" : "SCRIPTED",
                 .message = std::string(reason_phrase(http_status))},
                kScripted);
}

}  // namespace mock

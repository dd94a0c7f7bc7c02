#include "eliza.h"
#include "eliza_calls.h"
#include "eliza_refusals.h"
#include "eliza_rules.h"
#include "eliza_timeouts.h"
#include "space.h"

namespace mock {

using namespace eliza_rules;

namespace {

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

std::optional<ElizaError> problem_with_ids(const Json& body) {
  Json missing = Json::array();
  for (const char* name : {"agentId", "userId"}) {
    if (!body.contains(name) || body[name].is_null()) missing.push_back(name);
  }
  if (missing.size() == 2) {
    return eliza_invalid("Missing required fields: agentId, userId", {{"missingFields", missing}});
  }
  for (const char* name : {"agentId", "userId"}) {
    const Json value = body.contains(name) ? body[name] : Json(nullptr);
    if (is_uuid(value)) continue;
    return eliza_invalid(std::string("Invalid UUID format for field '") + name + "'",
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

Answer eliza_create(Call& call) {
  Answer refused;
  const auto body = eliza_body(call, refused);
  if (!body) return refused;
  if (const auto problem = problem_with_ids(*body)) return eliza_refuse(call, *problem, kBadCreate);
  const std::string agent = (*body)["agentId"];
  if (!is_known_agent(call, agent)) {
    return eliza_refuse(call,
                        {.http_status = 404,
                         .code = "AGENT_NOT_FOUND",
                         .message = "Agent with ID '" + agent + "' not found"},
                        kNoAgent);
  }
  if (body->contains("metadata") && to_text((*body)["metadata"]).size() > 10240) {
    return eliza_refuse(
        call, eliza_invalid("Metadata exceeds maximum size of 10240 bytes", nullptr), kBadMetadata);
  }
  ElizaSession& session = store_created(call, *body);
  return eliza_json(201, created_body(session, call.now), kCreated);
}

}  // namespace mock

#include "sandbox/space.h"
#include "vendors/eliza/body.h"
#include "vendors/eliza/calls.h"
#include "vendors/eliza/eliza.h"
#include "vendors/eliza/javascript.h"
#include "vendors/eliza/middleware.h"
#include "vendors/eliza/refusals.h"
#include "vendors/eliza/rules.h"
#include "vendors/eliza/timeouts.h"

namespace mock {

using namespace eliza_rules;

namespace {

bool is_uuid(const Json& json) {
  return json.is_string() && eliza_is_uuid(json.get_ref<const std::string&>());
}

// The real server names both as soon as one of them is no text.
bool misses_ids(const Json& body, bool as_server) {
  int missing = 0;
  for (const char* name : {"agentId", "userId"}) {
    const auto found = body.find(name);
    const bool is_there =
        found != body.end() && (as_server ? found->is_string() : !found->is_null());
    missing += is_there ? 0 : 1;
  }
  return missing > (as_server ? 0 : 1);
}

std::optional<ElizaError> problem_with_ids(const Json& body, bool as_server) {
  if (misses_ids(body, as_server)) {
    const Json both = {"agentId", "userId"};
    return eliza_invalid("Missing required fields: agentId, userId", {{"missingFields", both}});
  }
  for (const char* name : {"agentId", "userId"}) {
    const Json value = body.contains(name) ? body[name] : Json(nullptr);
    if (is_uuid(value)) continue;
    return eliza_invalid(std::string("Invalid UUID format for field '") + name + "'",
                         {{"providedValue", value}, {"expectedFormat", "UUID v4"}});
  }
  return std::nullopt;
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

std::optional<ElizaError> problem_with_metadata(const Json& body, bool as_server) {
  const auto metadata = body.find("metadata");
  if (metadata == body.end() || (as_server && !metadata->is_structured())) return std::nullopt;
  if (javascript::length(to_text(*metadata)) <= 10240) return std::nullopt;
  const std::string reason = "Metadata exceeds maximum size of 10240 bytes";
  if (!as_server) return eliza_invalid(reason, nullptr);
  return eliza_invalid("Invalid metadata: " + reason,
                       {{"reason", reason}, {"providedMetadata", *metadata}});
}

// The real server's database takes no NUL. Nor does it take text beyond the BMP as metadata: that
// is spread into its code units, and a surrogate alone is no text. Its own words quote the whole
// query.
std::optional<ElizaError> problem_with_storing(const Json& body) {
  const auto has_nul = [&](const char* name) {
    const auto found = body.find(name);
    return found != body.end() && javascript::has_nul(*found);
  };
  const auto config = body.find("timeoutConfig");
  const bool in_config = config != body.end() && config->is_object() &&
                         config->contains("autoRenew") &&
                         javascript::has_nul((*config)["autoRenew"]);
  const auto metadata = body.find("metadata");
  const bool is_spread = metadata != body.end() && metadata->is_string() &&
                         javascript::has_surrogates(metadata->get_ref<const std::string&>());
  if (!has_nul("metadata") && !in_config && !is_spread) return std::nullopt;
  return ElizaError{
      .http_status = 500,
      .code = "SESSION_CREATION_FAILED",
      .message = "Failed to create session: Failed to create channel or add participants",
      .details = {{"originalError", "Failed query: insert into \"channels\""}}};
}

ElizaSession& store_created(Call& call, const Json& body) {
  auto session =
      std::make_unique<ElizaSession>(call.random.uuid(), Timeline(call.now, "active", {}));
  session->channel_id = call.random.uuid();
  session->agent_id = body["agentId"];
  session->user_id = body["userId"];
  session->created_at = session->last_activity = call.now;
  const bool as_server = speaks_as_server(call);
  const Json metadata = body.value("metadata", Json());
  if (as_server ? javascript::is_true(metadata) : !metadata.is_null()) session->metadata = metadata;
  if (body.contains("timeoutConfig")) {
    session->timeout_config = clamped(body["timeoutConfig"], as_server);
  }
  session->first_timeout_config = session->timeout_config;
  schedule_expiry(*session);
  return static_cast<ElizaSession&>(call.space.sessions(*eliza()).put(std::move(session)));
}

}  // namespace

Answer eliza_create(Call& call) {
  Answer refused;
  auto body = eliza_body(call, refused);
  if (!body) return refused;
  if (!body->is_object()) body = Json::object();
  const bool as_server = speaks_as_server(call);
  if (const auto problem = problem_with_ids(*body, as_server)) {
    return eliza_refuse(call, *problem, kBadCreate);
  }
  const std::string agent = (*body)["agentId"];
  if (!eliza_knows_agent(call, agent)) {
    return eliza_refuse(call,
                        {.http_status = 404,
                         .code = "AGENT_NOT_FOUND",
                         .message = "Agent with ID '" + agent + "' not found"},
                        kNoAgent);
  }
  if (const auto problem = problem_with_metadata(*body, as_server)) {
    return eliza_refuse(call, *problem, kBadMetadata);
  }
  if (as_server) {
    if (const auto problem = problem_with_storing(*body)) {
      return eliza_refuse(call, *problem, kNotStored);
    }
  }
  ElizaSession& session = store_created(call, *body);
  return eliza_json(201, created_body(session, call.now), kCreated);
}

}  // namespace mock

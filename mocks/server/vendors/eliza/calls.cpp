#include "vendors/eliza/calls.h"

#include <algorithm>

#include "sandbox/space.h"
#include "vendors/eliza/body.h"
#include "vendors/eliza/eliza.h"
#include "vendors/eliza/refusals.h"
#include "vendors/eliza/rules.h"
#include "vendors/eliza/timeouts.h"

namespace mock {

using namespace eliza_rules;

namespace {

// The server removes expired sessions every fifth minute, counted here from midnight. True when the
// session has met such a minute; it is then removed.
bool cleaned_up(const Call& call, ElizaSession& session) {
  constexpr Time kEvery = 5 * 60000;
  if (!call.space.dialect.eliza_clean_up) return false;
  const Time expired = expires_at(session, call.now);
  if (expired > call.now || call.now / kEvery <= expired / kEvery) return false;
  call.space.sessions(*eliza()).remove(std::string(session.id));
  return true;
}

ElizaSession* find(const Call& call) {
  auto* session = static_cast<ElizaSession*>(call.space.sessions(*eliza()).find(call.id));
  return session == nullptr || cleaned_up(call, *session) ? nullptr : session;
}

// Removes an expired session and says so; nothing when it is alive.
std::optional<Answer> expire(const Call& call, ElizaSession& session) {
  const Time expired = expires_at(session, call.now);
  if (expired > call.now) return std::nullopt;
  call.space.sessions(*eliza()).remove(call.id);
  const std::string time = iso_time(expired);
  return eliza_refuse(call,
                      {.http_status = 410,
                       .code = "SESSION_EXPIRED",
                       .message = "Session '" + call.id + "' expired at " + time,
                       .seed_details = {{"sessionId", call.id}, {"expiresAt", time}},
                       .seed_message = "Session has expired"},
                      kExpired);
}

Answer info(const Call& call, ElizaSession& session, const Rule& rule) {
  return eliza_json(200, session_info(session, call.now, speaks_as_server(call)), rule);
}

ElizaError bad_timeout(const std::string& problem, const Json& config, bool as_server) {
  if (!as_server) return eliza_invalid(problem, config.is_discarded() ? Json() : config);
  Json details = {{"reason", problem}};
  if (!config.is_discarded()) details["providedConfig"] = config;
  return eliza_invalid("Invalid timeout configuration: " + problem, std::move(details));
}

}  // namespace

ElizaSession* eliza_find_live(const Call& call, Answer& refused) {
  ElizaSession* session = find(call);
  if (session == nullptr) {
    refused = eliza_not_found(call);
    return nullptr;
  }
  if (auto gone = expire(call, *session)) {
    refused = std::move(*gone);
    return nullptr;
  }
  return session;
}

Answer eliza_get(Call& call) {
  Answer refused;
  ElizaSession* session = eliza_find_live(call, refused);
  if (session == nullptr) return refused;
  Answer answer = info(call, *session, kInfo);
  session->timeline.count_read(call.now);
  return answer;
}

Answer eliza_list(Call& call) {
  SessionStore& store = call.space.sessions(*eliza());
  std::string sessions;
  size_t live = 0;
  for (Session* stored : store.in_order()) {
    auto& session = static_cast<ElizaSession&>(*stored);
    if (cleaned_up(call, session) || is_expired(session, call.now)) continue;
    sessions.append(live++ == 0 ? "" : ",")
        .append(session_info(session, call.now, speaks_as_server(call)));
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

Answer eliza_renew(Call& call) {
  Answer refused;
  ElizaSession* session = eliza_find_live(call, refused);
  if (session == nullptr) return refused;
  renew(*session, call.now);
  return info(call, *session, kRenewed);
}

Answer eliza_heartbeat(Call& call) {
  Answer refused;
  ElizaSession* session = eliza_find_live(call, refused);
  if (session == nullptr) return refused;
  if (renews_itself(*session)) {
    renew(*session, call.now);
  } else {
    session->last_activity = call.now;
  }
  return info(call, *session, kHeartbeat);
}

Answer eliza_update_timeout(Call& call) {
  Answer refused;
  ElizaSession* session = eliza_find_live(call, refused);
  if (session == nullptr) return refused;
  const auto body = eliza_body(call, refused);
  if (!body) return refused;
  const bool as_server = speaks_as_server(call);
  if (const std::string problem = problem_with_timeout(*body, as_server); !problem.empty()) {
    return eliza_refuse(call, bad_timeout(problem, *body, as_server), kBadTimeout);
  }
  session->timeout_config = clamped(*body, as_server);
  if (as_server) {
    schedule_expiry_as_server(*session, call.now);
  } else {
    schedule_expiry(*session);
  }
  return info(call, *session, kTimeout);
}

Answer eliza_delete(Call& call) {
  if (find(call) == nullptr) return eliza_not_found(call);
  call.space.sessions(*eliza()).remove(call.id);
  const Json body = {{"success", true},
                     {"message", "Session " + call.id + " deleted successfully"}};
  return eliza_json(200, to_text(body), kDeleted);
}

}  // namespace mock

// An elizaOS session's members and the arithmetic of its expiry. Pure: the clock comes in.
#pragma once

#include "sandbox/session.h"
#include "values/json.h"
#include "vendors/eliza/messages/message.h"

namespace mock {

/// Minutes may be fractions or beyond any duration (1e300), as on the server. [wire]
struct TimeoutConfig {
  double timeout_minutes = 30;
  double max_duration_minutes = 720;
  double warning_threshold_minutes = 5;
  Json auto_renew = true;  // by what JavaScript takes for true
};

struct ElizaSession : Session {
  using Session::Session;
  std::unique_ptr<Session> clone() const override { return std::make_unique<ElizaSession>(*this); }
  std::size_t bytes() const override;
  std::string agent_id;
  std::string user_id;
  std::string channel_id;
  Time created_at = 0;
  Time last_activity = 0;
  Json metadata = Json::object();
  TimeoutConfig timeout_config;
  TimeoutConfig first_timeout_config;  // of the creation, which the session's channel keeps [wire]
  std::int64_t renewal_count = 0;
  std::vector<ElizaMessage> messages;
  Time scheduled_expiry = 0;  // as of the last creation, renewal or change of the timeout
};

/// What activity does to it.
bool renews_itself(const ElizaSession& session);

/// Whether it has lived as long as any session may, so that nothing renews it.
bool is_at_maximum_duration(const ElizaSession& session, Time now);

/// Schedules the expiry anew: (autoRenew ? lastActivity : createdAt) + timeout, at most
/// createdAt + maxDuration.
void schedule_expiry(ElizaSession& session);

/// The same as the real server reckons it: createdAt + maxDuration as soon as a timeout that began
/// now would pass that, even when one from the true beginning would not. [wire]
void schedule_expiry_as_server(ElizaSession& session, Time now);

/// As scheduled; or earlier when its plan or somebody's hand made it expire; or later when they
/// called it back to life, which counts as being renewed at that moment.
Time expires_at(ElizaSession& session, Time now);
bool is_expired(ElizaSession& session, Time now);
/// Milliseconds, never below 0.
Time time_remaining(ElizaSession& session, Time now);
bool is_near_expiration(ElizaSession& session, Time now);

/// Counts a renewal and schedules the expiry from now, whatever autoRenew says.
void renew(ElizaSession& session, Time now);

/// SessionInfo, twelve members: in the contract page's order, or in the one that the real server
/// was seen to send. [wire]
std::string session_info(ElizaSession& session, Time now, bool as_server);
Json to_json(const TimeoutConfig& config);

}  // namespace mock

#include "vendors/ping/ping.h"

#include <array>

#include "sandbox/space.h"
#include "vendors/ping/answers.h"
#include "vendors/ping/calls.h"
#include "vendors/ping/rules.h"
#include "vendors/ping/session.h"

namespace mock {

using namespace ping_rules;

namespace {

constexpr std::array kRoutes{
    Route{"session_status", "GET", "/customer/v2/sessions/{id}/status", &kStatus, ping_status},
    Route{"list_zones", "GET", "/customer/v2/zones", &kZones, ping_zones},
    Route{"create_session", "POST", "/customer/v2/sessions", &kCreated, ping_create},
    Route{"events", "GET", "/customer/v2/sessions/events", &kEvents, ping_events},
    Route{"pause_session", "PATCH", "/customer/v2/sessions/{id}/pause", &kPaused, ping_pause},
    Route{"resume_session", "PATCH", "/customer/v2/sessions/{id}/resume", &kPaused, ping_resume},
    Route{"get_global_limits", "GET", "/customer/v2/customer/limits/global", &kLimits, ping_limits},
    Route{"update_global_limits", "PATCH", "/customer/v2/customer/limits/global", &kLimits,
          ping_update_limits},
    Route{"delete_global_limits", "DELETE", "/customer/v2/customer/limits/global", &kLimitsDeleted,
          ping_delete_limits},
    Route{"get_client_limits", "GET", "/customer/v2/customer/limits/client", &kLimits, ping_limits},
    Route{"update_client_limits", "PATCH", "/customer/v2/customer/limits/client", &kLimits,
          ping_update_limits},
    Route{"delete_client_limits", "DELETE", "/customer/v2/customer/limits/client", &kLimitsDeleted,
          ping_delete_limits},
    Route{"get_session_limits", "GET", "/customer/v2/customer/limits/session", &kLimits,
          ping_limits},
    Route{"update_session_limits", "PATCH", "/customer/v2/customer/limits/session", &kLimits,
          ping_update_limits},
    Route{"delete_session_limits", "DELETE", "/customer/v2/customer/limits/session",
          &kLimitsDeleted, ping_delete_limits},
};

constexpr std::array<std::string_view, 3> kStates{"created", "connected", "disconnected"};

bool has_bearer(std::string_view value) {
  return value.size() > 7 && equals_ignoring_case(value.substr(0, 7), "Bearer ");
}

// The rule that a request's key breaks, or null.
const Rule* key_problem(const Call& call) {
  const auto& key = call.space.keys.accepted.find("ping")->second;
  if (!key) return nullptr;
  const std::string* given = call.request.header("Authorization");
  if (given == nullptr) return &kWrongKey;
  const bool bearer = has_bearer(*given);
  const std::string_view bare = bearer ? std::string_view(*given).substr(7) : *given;
  if (bare != *key) return *given == *key ? nullptr : &kWrongKey;
  const std::string& dialect = call.space.dialect.ping;
  const bool fits = dialect == "both" || (dialect == "bearer") == bearer;
  return fits ? nullptr : &kWrongScheme;
}

class Ping final : public Vendor {
 public:
  std::string_view name() const override { return "ping"; }
  ClientSettings client_settings() const override {
    return {.base_path = "/customer/v2",
            .base_url_variable = "PING_BASE_URL",
            .key_variable = "PING_API_KEY"};
  }
  std::optional<std::string> default_key() const override { return "ping-sandbox-key"; }
  std::span<const Route> routes() const override { return kRoutes; }
  std::span<const std::string_view> states() const override { return kStates; }
  bool has_rate_limit() const override { return true; }

  std::unique_ptr<Session> create(std::string id, Timeline timeline) const override {
    auto session = std::make_unique<PingSession>(std::move(id), std::move(timeline));
    session->client_id = "client-" + session->id;
    return session;
  }

  void read(Session& session, Members& members, Time now) const override {
    ping_read_session(static_cast<PingSession&>(session), members, now);
  }

  void show(Session& session, Json& json, Time now) const override {
    ping_show_session(static_cast<PingSession&>(session), json, now);
  }

  Answer scripted(Call&, int http_status) const override {
    if (http_status < 400) return {.http_status = http_status, .headers = {}, .body = ""};
    return ping_error(http_status, "scripted", reason_phrase(http_status), kScripted);
  }

  Answer limited(Call&, const LimitState&) const override {
    return ping_error(429, "rate_limit_exceeded", "Too many requests", kLimited);
  }

  void add_limit_headers(Answer& answer, const LimitState& state) const override {
    answer.headers.push_back({"X-RateLimit-Limit", std::to_string(state.limit)});
    answer.headers.push_back({"X-RateLimit-Remaining", std::to_string(state.remaining)});
    answer.headers.push_back({"X-RateLimit-Reset", std::to_string(state.reset)});
  }

  std::optional<Answer> refuse(Call& call) const override {
    if (const Rule* broken = key_problem(call)) {
      return ping_error(401, "unauthorized", "Invalid or missing API key", *broken);
    }
    if (call.bad_escape) return ping_error(400, "invalid_input", "Invalid session id", kBadEscape);
    return std::nullopt;
  }
};

}  // namespace

const Vendor* ping() {
  static const Ping kPing;
  return &kPing;
}

}  // namespace mock

// GET /customer/v2/sessions/{id}/status, Authorization: KEY
//   200  {"client_id":"...","status":"created|connected|disconnected",
//         "duration":SECONDS,"uploaded_bytes":N,"downloaded_bytes":N}
//   400, 401, 404  {"error":{"code":"...","message":"..."}}
#include "vendors/ping/ping.h"

#include <algorithm>
#include <array>

#include "sandbox/space.h"

namespace mock {

namespace {

constexpr std::string_view kPage = "mocks/contracts/ping.md";

// Every rule this vendor plays.
constexpr Rule kStatus{"ping: 200, SessionStatus", "seed", kPage};
constexpr Rule kUnknown{"ping: 404, session not found", "seed", kPage};
constexpr Rule kWrongKey{"ping: 401, the Authorization header is not the key", "seed", kPage};
constexpr Rule kWrongScheme{"ping: 401, raw key or Bearer: the other one is asked for", "vendor",
                            kPage};
constexpr Rule kLimited{"ping: 429, with the seconds until the reset in X-RateLimit-Reset",
                        "vendor", kPage};
constexpr Rule kScripted{"ping: the error envelope for a scripted status", "seed", kPage};
constexpr Rule kBadEscape{"ping: 400, a malformed percent escape in the id", "inferred", kPage};

constexpr Rule kNotPlayed{"ping: documented in v2, but not played by this mock", "mock", kPage};

Answer session_status(Call& call);

constexpr std::array kRoutes{
    Route{"session_status", "GET", "/customer/v2/sessions/{id}/status", &kStatus, session_status},
    Route{"list_zones", "GET", "/customer/v2/zones", &kNotPlayed},
    Route{"create_session", "POST", "/customer/v2/sessions", &kNotPlayed},
    Route{"events", "GET", "/customer/v2/sessions/events", &kNotPlayed},
    Route{"pause_session", "PATCH", "/customer/v2/sessions/{id}/pause", &kNotPlayed},
    Route{"resume_session", "PATCH", "/customer/v2/sessions/{id}/resume", &kNotPlayed},
    Route{"limits", "GET", "/customer/v2/customer/limits/{scope}", &kNotPlayed},
    Route{"update_limits", "PATCH", "/customer/v2/customer/limits/{scope}", &kNotPlayed},
    Route{"delete_limits", "DELETE", "/customer/v2/customer/limits/{scope}", &kNotPlayed},
};

constexpr std::array<std::string_view, 3> kStates{"created", "connected", "disconnected"};

struct PingSession : Session {
  using Session::Session;
  std::unique_ptr<Session> clone() const override { return std::make_unique<PingSession>(*this); }
  std::size_t bytes() const override { return Session::bytes() + client_id.size(); }
  std::string client_id;
  // What was counted before the clock took over, or all there is when no rate is set.
  std::optional<std::int64_t> duration;
  std::optional<std::int64_t> uploaded_bytes;
  std::optional<std::int64_t> downloaded_bytes;
  // Bytes a second while connected; set, the clock counts.
  std::optional<std::int64_t> upload_rate;
  std::optional<std::int64_t> download_rate;

  Time connected_before = 0;  // milliseconds connected that the counts above already hold

  bool counts() const { return upload_rate || download_rate; }
};

// base + rate * milliseconds / 1000, rounded down, never past what an int64 holds.
std::int64_t counted(std::int64_t base, std::int64_t rate, Time milliseconds) {
  std::int64_t whole = 0;
  std::int64_t rest = 0;
  std::int64_t total = 0;
  if (__builtin_mul_overflow(rate / 1000, milliseconds, &whole)) return INT64_MAX;
  if (__builtin_mul_overflow(rate % 1000, milliseconds, &rest)) return INT64_MAX;
  if (__builtin_add_overflow(whole, rest / 1000, &total)) return INT64_MAX;
  if (__builtin_add_overflow(total, base, &total)) return INT64_MAX;
  return total;
}

struct Counters {
  std::optional<std::int64_t> duration;
  std::optional<std::int64_t> uploaded_bytes;
  std::optional<std::int64_t> downloaded_bytes;
};

Counters counters_at(PingSession& session, Time now) {
  Counters counters{session.duration, session.uploaded_bytes, session.downloaded_bytes};
  if (!session.counts()) return counters;
  const Time connected =
      std::max<Time>(0, session.timeline.time_in("connected", now) - session.connected_before);
  counters.duration = counted(session.duration.value_or(0), 1, connected);
  if (session.upload_rate) {
    counters.uploaded_bytes =
        counted(session.uploaded_bytes.value_or(0), *session.upload_rate, connected);
  }
  if (session.download_rate) {
    counters.downloaded_bytes =
        counted(session.downloaded_bytes.value_or(0), *session.download_rate, connected);
  }
  return counters;
}

// Takes what was counted so far into the counts themselves, so that a new rate or a new count holds
// from now on and not from the start.
void settle(PingSession& session, Time now) {
  const Counters counters = counters_at(session, now);
  session.duration = counters.duration;
  session.uploaded_bytes = counters.uploaded_bytes;
  session.downloaded_bytes = counters.downloaded_bytes;
  session.connected_before = session.timeline.time_in("connected", now);
}

Answer json_answer(int http_status, std::string body, const Rule& rule) {
  body += '\n';  // as Go's encoder ends every body
  return {.http_status = http_status,
          .headers = {{"Content-Type", "application/json"}},
          .body = std::move(body),
          .rule = &rule,
          .reason = ""};
}

Answer error(int http_status, std::string_view code, std::string_view message, const Rule& rule) {
  std::string body = "{\"error\":{\"code\":";
  append_quoted(body, code, true);
  body += ",\"message\":";
  append_quoted(body, message, true);
  body += "}}";
  return json_answer(http_status, std::move(body), rule);
}

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

void append_member(std::string& body, std::string_view name, std::optional<std::int64_t> value) {
  if (value) body.append(",\"").append(name).append("\":").append(std::to_string(*value));
}

Answer session_status(Call& call) {
  auto* session = static_cast<PingSession*>(call.space.sessions(*ping()).find(call.id));
  if (session == nullptr) return error(404, "not_found", "Session not found", kUnknown);
  std::string body = "{\"client_id\":";
  append_quoted(body, session->client_id, true);
  body += ",\"status\":";
  append_quoted(body, session->timeline.at(call.now).state, true);
  const Counters counters = counters_at(*session, call.now);
  append_member(body, "duration", counters.duration);
  append_member(body, "uploaded_bytes", counters.uploaded_bytes);
  append_member(body, "downloaded_bytes", counters.downloaded_bytes);
  body += '}';
  session->timeline.count_read(call.now);
  return json_answer(200, std::move(body), *call.route.rule);
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

  void read(Session& stored, Members& members, Time now) const override {
    auto& session = static_cast<PingSession&>(stored);
    settle(session, now);
    if (auto client = members.optional_string("client_id")) session.client_id = std::move(*client);
    const auto change = [&](const char* name, std::optional<std::int64_t>& field, bool rate) {
      const auto value = members.optional_integer(name);
      if (rate && value && *value < 0)
        throw BadRequest(members.path_of(name), "must not be negative");
      if (members.has(name)) field = value;
    };
    change("duration", session.duration, false);
    change("uploaded_bytes", session.uploaded_bytes, false);
    change("downloaded_bytes", session.downloaded_bytes, false);
    change("upload_rate", session.upload_rate, true);
    change("download_rate", session.download_rate, true);
  }

  void show(Session& stored, Json& json, Time now) const override {
    auto& session = static_cast<PingSession&>(stored);
    const Counters counters = counters_at(session, now);
    json["client_id"] = session.client_id;
    const auto add = [&](const char* name, std::optional<std::int64_t> value) {
      if (value) json[name] = *value;
    };
    add("duration", counters.duration);
    add("uploaded_bytes", counters.uploaded_bytes);
    add("downloaded_bytes", counters.downloaded_bytes);
    add("upload_rate", session.upload_rate);
    add("download_rate", session.download_rate);
  }

  Answer scripted(Call&, int http_status) const override {
    if (http_status < 400) return {.http_status = http_status, .headers = {}, .body = ""};
    return error(http_status, "scripted", reason_phrase(http_status), kScripted);
  }

  Answer limited(Call&, const LimitState&) const override {
    return error(429, "rate_limit_exceeded", "Too many requests", kLimited);
  }

  void add_limit_headers(Answer& answer, const LimitState& state) const override {
    answer.headers.push_back({"X-RateLimit-Limit", std::to_string(state.limit)});
    answer.headers.push_back({"X-RateLimit-Remaining", std::to_string(state.remaining)});
    answer.headers.push_back({"X-RateLimit-Reset", std::to_string(state.reset)});
  }

  std::optional<Answer> refuse(Call& call) const override {
    if (const Rule* broken = key_problem(call)) {
      return error(401, "unauthorized", "Invalid or missing API key", *broken);
    }
    if (call.bad_escape) return error(400, "invalid_input", "Invalid session id", kBadEscape);
    return std::nullopt;
  }
};

}  // namespace

const Vendor* ping() {
  static const Ping kPing;
  return &kPing;
}

}  // namespace mock

// PATCH /live_api/s2s/v1/sessions/{id}/status, no body, X-ACCESS-TOKEN: KEY
//   200  (no body)                           the session is valid
//   401  {"type","title","status","traceId"}  the key is not
//   404  {"type","title","status","traceId"}  the session is not
// POST /live_api/s2s/v1/users/verification  {"userVerificationToken":"..."}
//   200  {"isAuthenticated":true,"userInfo":{"userId","email","productAccess"}}
//   200  {"isAuthenticated":false}            a token that is no user's
// GET /live_api/s2s/v1/users/{userId}/info
//   200  {"userId","email","productAccess"}
//   404  {"type","title","status","traceId"}  no such user
#include "vendors/tiun.h"

#include <algorithm>
#include <array>

#include "sandbox/space.h"
#include "vendors/tiun_session.h"

namespace mock {

namespace {

constexpr std::string_view kPage = "mocks/contracts/tiun.md";
constexpr std::string_view kStatus = "PATCH /live_api/s2s/v1/sessions/{sessionId}/status";

// Every rule this vendor plays.
constexpr Rule kValid{"tiun: 200 without a body, the session is valid", "seed", kPage};
constexpr Rule kInvalid{"tiun: 404 covers unknown, invalid, expired and out of funds alike",
                        "vendor", kPage};
constexpr Rule kWrongKey{"tiun: 401, the API key is invalid", "seed", kPage};
constexpr Rule kOtherKey{"tiun: 401, a key belongs to one environment only", "vendor", kPage};
constexpr Rule kOtherHeader{"tiun: 401, the key came under the header name of the other dialect",
                            "inferred", kPage};
constexpr Rule kNoBody{"tiun: the call has no body and no query", "seed", kPage};
constexpr Rule kScripted{"tiun: ProblemDetails for a scripted status", "inferred", kPage};
constexpr Rule kBadEscape{"tiun: no source says what a malformed percent escape gives", "mock",
                          kPage};

constexpr Rule kVerified{"tiun: 200, whether the user's token is good", "vendor", kPage};
constexpr Rule kUnverified{"tiun: 200 with isAuthenticated false, the token is no user's",
                           "inferred", kPage};
constexpr Rule kUser{"tiun: 200, what is known of a user", "vendor", kPage};
constexpr Rule kNoUser{"tiun: 404, no such user", "vendor", kPage};
constexpr Rule kNoToken{"tiun: no source says what a body without a token gives", "mock", kPage};

Answer verify(Call& call);
Answer verify_user(Call& call);
Answer get_user_info(Call& call);

constexpr std::array kRoutes{
    Route{"verify", "PATCH", "/live_api/s2s/v1/sessions/{id}/status", &kValid, verify},
    Route{"verify_user", "POST", "/live_api/s2s/v1/users/verification", &kVerified, verify_user},
    Route{"get_user_info", "GET", "/live_api/s2s/v1/users/{user_id}/info", &kUser, get_user_info},
};

constexpr std::array<std::string_view, 4> kStates{"valid", "invalid", "expired", "out_of_funds"};

Answer unknown(const Rule& rule, std::string reason) {
  return {
      .http_status = 501, .headers = {}, .body = "", .rule = &rule, .reason = std::move(reason)};
}

// The body that ASP.NET writes; its members and their order are inferred, their names are the
// seed's. So is its media type by default: ASP.NET's own is application/problem+json.
Answer problem(const Call& call, int http_status, std::string_view type, const Rule& rule) {
  Random& random = call.random;
  const bool as_problem = call.space.dialect.tiun_problem_json;
  std::string body = "{\"type\":\"https://tools.ietf.org/html/rfc9110#section-";
  body.append(type).append("\",\"title\":\"").append(reason_phrase(http_status));
  body.append("\",\"status\":").append(std::to_string(http_status));
  body.append(",\"traceId\":\"00-").append(random.hex(32)).append("-").append(random.hex(16));
  body.append("-00\"}");
  return {.http_status = http_status,
          .headers = {{"Content-Type", as_problem ? "application/problem+json; charset=utf-8"
                                                  : "application/json; charset=utf-8"}},
          .body = std::move(body),
          .rule = &rule,
          .reason = ""};
}

// The rule that a request's key breaks, or null.
const Rule* key_problem(const Call& call) {
  const auto& key = call.space.keys.accepted.find("tiun")->second;
  if (!key) return nullptr;
  const std::string& dialect = call.space.dialect.tiun;
  const std::string* old_name = call.request.header("X-ACCESS-TOKEN");
  const std::string* new_name = call.request.header("X-TIUN-API-KEY");
  const bool takes_old = dialect != "vendor";
  const bool takes_new = dialect != "seed";
  for (const std::string* given :
       {takes_old ? old_name : nullptr, takes_new ? new_name : nullptr}) {
    if (given == nullptr) continue;
    if (*given == *key) return nullptr;
    return *given == call.space.keys.tiun_production ? &kOtherKey : &kWrongKey;
  }
  return old_name != nullptr || new_name != nullptr ? &kOtherHeader : &kWrongKey;
}

Answer verify(Call& call) {
  if (!call.request.body.empty() || !call.query.empty()) {
    return unknown(kNoBody, "send neither a body nor a query with " + std::string(kStatus));
  }
  Session* session = call.space.sessions(*tiun()).find(call.id);
  if (session == nullptr) return problem(call, 404, "15.5.5", kInvalid);
  const bool valid = session->timeline.at(call.now).state == "valid";
  session->timeline.count_read(call.now);
  if (!valid) return problem(call, 404, "15.5.5", kInvalid);
  return {.http_status = 200, .headers = {}, .body = "", .rule = call.route.rule, .reason = ""};
}

Json user_info(const std::string& id, const TiunUser& user) {
  Json info = {{"userId", id}};
  if (user.email) info["email"] = *user.email;
  info["productAccess"] = user.product_access;
  return info;
}

Answer json(const Json& body, const Rule& rule) {
  return {.http_status = 200,
          .headers = {{"Content-Type", "application/json; charset=utf-8"}},
          .body = to_text(body),
          .rule = &rule,
          .reason = ""};
}

// The token in the body, or nothing.
std::optional<std::string> token_in(const std::string& body) {
  try {
    const Json json = parse_json(body);
    const auto token = json.find("userVerificationToken");
    if (token != json.end() && token->is_string()) return token->get<std::string>();
  } catch (const BadRequest&) {
    // Not JSON.
  }
  return std::nullopt;
}

Answer verify_user(Call& call) {
  const auto token = token_in(call.request.body);
  if (!token) return unknown(kNoToken, "send a JSON object with userVerificationToken, a string");
  const auto is_given = [&](const IssuedToken& each) {
    return each.text == *token && each.expires_at > call.now;
  };
  const auto& issued = call.space.browser.tokens;
  const auto made = std::ranges::find_if(issued, is_given);
  for (const auto& [id, user] : call.space.account.users) {
    const bool is_seeded = std::ranges::find(user.tokens, *token) != user.tokens.end();
    if (!is_seeded && (made == issued.end() || made->user_id != id)) continue;
    return json({{"isAuthenticated", true}, {"userInfo", user_info(id, user)}}, *call.route.rule);
  }
  return json({{"isAuthenticated", false}}, kUnverified);
}

Answer get_user_info(Call& call) {
  const auto found = call.space.account.users.find(call.id);
  if (found == call.space.account.users.end()) return problem(call, 404, "15.5.5", kNoUser);
  return json(user_info(found->first, found->second), *call.route.rule);
}

class Tiun final : public Vendor {
 public:
  std::string_view name() const override { return "tiun"; }
  ClientSettings client_settings() const override {
    return {
        .base_path = "", .base_url_variable = "TIUN_BASE_URL", .key_variable = "TIUN_ACCESS_TOKEN"};
  }
  std::optional<std::string> default_key() const override { return "tiun-sandbox-token"; }
  std::span<const Route> routes() const override { return kRoutes; }
  std::span<const std::string_view> states() const override { return kStates; }

  std::unique_ptr<Session> create(std::string id, Timeline timeline) const override {
    return std::make_unique<TiunSession>(std::move(id), std::move(timeline));
  }

  void read(Session& session, Members& members, Time now) const override {
    const auto seconds = members.optional_number("expires_after");
    if (!seconds) return;
    if (members.has("transitions")) {  // both say what is to come, and one would be lost
      throw BadRequest(members.path_of("expires_after"),
                       "goes with no transitions: say the end as one of them, "
                       "{\"after\": SECONDS, \"state\": \"expired\"}");
    }
    if (*seconds < 0) throw BadRequest(members.path_of("expires_after"), "must not be negative");
    const Timeline::Period period = session.timeline.at(now);
    const Time left = milliseconds_from_seconds(*seconds);  // from now
    auto& mine = static_cast<TiunSession&>(session);
    if (mine.meter && period.state == "valid") {
      mine.meter->lasts = now - mine.meter->started + left;
      plan_end(mine, now);
      return;
    }
    session.timeline.plan(
        {{.after = now - period.from + left, .reads = std::nullopt, .state = "expired"}});
  }

  void show(Session& session, Json& json, Time now) const override {
    auto& mine = static_cast<TiunSession&>(session);
    if (!mine.meter) return;
    json["billing"] = {{"content", mine.meter->content},
                       {"seconds", static_cast<double>(billed_time(mine, now)) / 1000.0},
                       {"intervals", billed_intervals(mine, now)}};
  }
  void leave_seed(Json& json) const override { json.erase("billing"); }

  Answer scripted(Call& call, int http_status) const override {
    if (http_status < 400) return {.http_status = http_status, .headers = {}, .body = ""};
    return problem(call, http_status, "15", kScripted);
  }

  std::optional<Answer> refuse(Call& call) const override {
    if (const Rule* broken = key_problem(call)) return problem(call, 401, "15.5.2", *broken);
    if (!call.bad_escape) return std::nullopt;
    return unknown(kBadEscape, "the id has a malformed percent escape");
  }
};

}  // namespace

const Vendor* tiun() {
  static const Tiun kTiun;
  return &kTiun;
}

}  // namespace mock

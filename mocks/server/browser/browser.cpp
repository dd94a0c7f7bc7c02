#include "browser/browser.h"

#include <algorithm>

#include "admin/admin.h"
#include "browser/capability.h"
#include "browser/script.h"
#include "mock.h"
#include "own_answers.h"
#include "sandbox/space.h"
#include "vendors/tiun.h"
#include "vendors/tiun_session.h"

namespace mock {

namespace {

constexpr Rule kNoScript{"mock: no script of tiun's while recording or replaying", "mock",
                         "mocks/README.md"};
constexpr std::string_view kPrefix = "/__tiun/";
constexpr Time kTokenLasts = 5 * 60 * 1000;  // tiun's documents: a lifetime of five minutes
constexpr std::int64_t kMaxWait = 25000;     // so that no proxy between gives up

struct BrowserCall {
  Space& space;
  Members members;
  Time now;
  bool has_changed = false;
};

TiunSession* session_of(BrowserCall& call) {
  const auto id = call.members.optional_string("session_id");
  if (!id) return nullptr;
  return static_cast<TiunSession*>(call.space.sessions(*tiun()).find(*id));
}

// Its id and the user, or the end of the account's users.
auto user_of(BrowserCall& call) {
  auto& users = call.space.account.users;
  const auto id = call.members.optional_string("user_id");
  return id ? users.find(*id) : users.end();
}

Json user_json(const std::string& id, const TiunUser& user) {
  return {{"userId", id},
          {"email", user.email ? Json(*user.email) : Json(nullptr)},
          {"productAccess", user.product_access}};
}

Json state_of(TiunSession* session, const Json& user, Time now) {
  const bool is_active = session != nullptr && session->timeline.at(now).state == "valid";
  return {{"is_active", is_active}, {"user", user}};
}

Json state_of(BrowserCall& call) {
  TiunSession* session = session_of(call);
  const auto user = user_of(call);
  const bool is_known = user != call.space.account.users.end();
  return state_of(session, is_known ? user_json(user->first, user->second) : Json(nullptr),
                  call.now);
}

Json start(BrowserCall& call) {
  const std::string content = call.members.word("content", {"active", "inactive", "paused"});
  Browser& browser = call.space.browser;
  call.has_changed = true;
  if (browser.payment_fails) return {{"session_id", nullptr}};
  Random random(call.space.seed(), call.space.name() + " browser", browser.sessions_started++);
  const std::string id = random.uuid();
  auto made = std::make_unique<TiunSession>(id, Timeline(call.now, "valid", {}));
  made->meter = Meter{.started = call.now,
                      .since = call.now,
                      .content = content,
                      .interval = browser.interval,
                      .funds = browser.funds,
                      .lasts = browser.expires_after};
  plan_end(*made, call.now);
  auto& session = static_cast<TiunSession&>(call.space.sessions(*tiun()).put(std::move(made)));
  const auto user = user_of(call);
  const bool is_known = user != call.space.account.users.end();
  return {
      {"session_id", id},
      {"state", state_of(&session, is_known ? user_json(user->first, user->second) : Json(nullptr),
                         call.now)}};
}

Json change_content(BrowserCall& call) {
  const std::string content = call.members.word("content", {"active", "inactive", "paused"});
  TiunSession* session = session_of(call);
  if (session == nullptr || !session->meter) {
    throw BadRequest("session_id", "is of no session that the script started", 404);
  }
  call.has_changed = true;
  set_content(*session, content, call.now);
  return Json::object();
}

// The space's user who is there to sign in; null when there is none.
std::pair<const std::string, TiunUser>* reader_of(Space& space) {
  if (!space.browser.user) return nullptr;
  const auto found = space.account.users.find(*space.browser.user);
  return found == space.account.users.end() ? nullptr : &*found;
}

Json signed_in(const std::pair<const std::string, TiunUser>& reader) {
  return {{"state", {{"user", user_json(reader.first, reader.second)}}}};
}

Json no_reader() {
  return {
      {"refused",
       "nobody signs in: PUT /__admin/browser {\"user\": ID} names one of the account's users"}};
}

Json log_in(BrowserCall& call) {
  const auto* reader = reader_of(call.space);
  return reader == nullptr ? no_reader() : signed_in(*reader);
}

Json check_out(BrowserCall& call) {
  const std::string product = call.members.string("product_id");
  const auto signed_in_user = user_of(call);
  auto* reader =
      signed_in_user != call.space.account.users.end() ? &*signed_in_user : reader_of(call.space);
  if (reader == nullptr) return no_reader();
  if (call.space.browser.payment_fails) return {{"refused", "the payment failed"}};
  Json& access = reader->second.product_access;
  if (!access.is_array()) return {{"refused", "the user's product_access is not an array"}};
  if (std::ranges::find(access, Json(product)) == access.end()) access.push_back(product);
  call.has_changed = true;
  return signed_in(*reader);
}

Json make_token(BrowserCall& call) {
  const auto user = user_of(call);
  if (user == call.space.account.users.end()) return {{"token", nullptr}};
  auto& issued = call.space.browser.tokens;
  std::erase_if(issued, [&](const auto& each) { return each.expires_at <= call.now; });
  Random random(call.space.seed(), call.space.name() + " token", call.space.browser.tokens_made++);
  issued.push_back({random.hex(40), user->first, call.now + kTokenLasts});
  return {{"token", issued.back().text}};
}

struct Row {
  std::string_view name;
  Json (*answer)(BrowserCall&);
};
constexpr Row kCalls[] = {
    {"start", start},      {"content", change_content}, {"login", log_in},
    {"token", make_token}, {"checkout", check_out},
};

Answer open_to_pages(Answer answer) {
  answer.headers.push_back({"Access-Control-Allow-Origin", "*"});
  answer.headers.push_back({"Cross-Origin-Resource-Policy", "cross-origin"});
  answer.headers.push_back({"X-Content-Type-Options", "nosniff"});
  answer.headers.push_back({"Referrer-Policy", "no-referrer"});
  answer.headers.push_back({"Cache-Control", "no-store"});
  return answer;
}

// When the session's state changes by time, in monotonic milliseconds; at most `latest`.
std::int64_t next_change(TiunSession* session, const Clock& clock, std::int64_t latest) {
  if (session == nullptr || clock.is_frozen()) return latest;
  const Time now = clock.now();
  const Timeline::Period& period = session->timeline.at(now);
  const auto& planned = session->timeline.transitions();
  const std::size_t done = session->timeline.done();
  if (done == planned.size() || !planned[done].after) return latest;
  const Time left = period.from + *planned[done].after - now;
  return std::min(latest, monotonic_now() + std::max<Time>(1, left));
}

// The state, once it is another than the page has seen or the wait is over.
BrowserReply follow(BrowserCall& call, const RequestState& state) {
  Json now = state_of(call);
  const Json* seen = call.members.any("seen");
  const std::int64_t latest = state.asked_at + kMaxWait;
  if (seen == nullptr || *seen != now || monotonic_now() >= latest) {
    return {.answer = admin_json(200, now)};
  }
  return {.answer = {}, .wait_until = next_change(session_of(call), call.space.clock, latest)};
}

BrowserReply answer_call(Space& space, const Request& request, std::string_view name,
                         const RequestState& state) {
  const Json body = parse_json(request.body);
  BrowserCall call{space, Members(body, ""), space.clock.now()};
  if (name == "state") return follow(call, state);
  for (const Row& row : kCalls) {
    if (row.name != name) continue;
    Json said = row.answer(call);
    return {.answer = admin_json(200, said), .has_changed = call.has_changed};
  }
  return {.answer = admin_error(404, "not_found", "the script makes no such call")};
}

}  // namespace

bool is_browser_path(std::string_view path) { return path.starts_with(kPrefix); }

std::string script_path(std::string_view space) {
  std::string path = "/~";
  return path.append(space)
      .append(kPrefix)
      .append("sdk.js?capability=")
      .append(capability_of(space));
}

std::optional<Answer> refuse_page(const Target& target, bool has_source) {
  const auto given = query_value(target.query, "capability");
  if (!given || !is_capability(*given, target.space)) {
    return admin_error(403, "capability_required",
                       "the address of the script is in the answer of GET /__admin/browser");
  }
  if (!has_source) return std::nullopt;
  return not_implemented(kNoScript, std::string(kNoScript.text), "");
}

BrowserReply answer_browser(Space& space, const Request& request, const Target& target,
                            const RequestState& state) try {
  const std::string_view name = target.path.substr(kPrefix.size());
  const bool is_script = name == "sdk.js";
  const bool is_read = request.method == "GET" || request.method == "HEAD";
  if (is_script ? !is_read : request.method != "POST") {
    Answer answer =
        admin_error(405, "method_not_allowed", "the script is read, its calls are POST");
    answer.headers.push_back({"Allow", is_script ? "GET, HEAD" : "POST"});
    return {.answer = open_to_pages(std::move(answer))};
  }
  if (is_script) {
    return {.answer =
                open_to_pages({.http_status = 200,
                               .headers = {{"Content-Type", "text/javascript; charset=utf-8"}},
                               .body = std::string(tiun_script())})};
  }
  BrowserReply reply = answer_call(space, request, name, state);
  reply.answer = open_to_pages(std::move(reply.answer));
  return reply;
} catch (const BadRequest& refusal) {
  return {.answer = open_to_pages(admin_error(refusal.http_status(), "invalid_input",
                                              refusal.what(), refusal.member()))};
}

Reply Mock::answer_browser_call(const Request& request, const Target& target,
                                const RequestState& state) {
  const auto refused = refuse_page(target, source_ != nullptr);
  if (refused) return {plan(request, *refused, real_now())};
  Space* space = spaces_.open(target.space);
  if (space == nullptr) return {plan(request, too_many_spaces(spaces_.most()), real_now())};
  const BrowserReply reply = answer_browser(*space, request, target, state);
  if (reply.wait_until) return {{}, reply.wait_until, true};
  if (reply.has_changed) note_change();
  return {plan(request, reply.answer, real_now())};
}

}  // namespace mock

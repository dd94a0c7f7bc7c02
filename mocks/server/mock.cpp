#include "mock.h"

#include "admin.h"
#include "target.h"

namespace mock {

namespace {

constexpr Rule kNoRoute{"mock: no vendor documents this call", "mock", "mocks/README.md"};
constexpr Rule kNotPlayed{"mock: documented, but not played", "mock", "mocks/README.md"};
constexpr Rule kTooManySpaces{"mock: there are as many spaces as may be", "mock",
                              "mocks/README.md"};

// What no source says: no vendor answers 501, so that no client takes it for an answer of theirs.
Answer not_implemented(const Rule& rule, const std::string& reason, const std::string& nearest) {
  Json error = {{"code", "not_implemented"}, {"message", reason}};
  if (!nearest.empty()) error["nearest"] = nearest;
  return {.http_status = 501,
          .headers = {{"Content-Type", "application/json"}},
          .body = to_text({{"error", error}}) + "\n",
          .rule = &rule,
          .reason = nearest.empty() ? reason : reason + "; nearest: " + nearest};
}

// A reason may quote the request's own words, and a header holds visible ASCII only.
std::string as_header(std::string text) {
  for (char& c : text) {
    if (c < ' ' || c > '~') c = '?';
  }
  return text;
}

}  // namespace

Mock::Mock(const MockOptions& options)
    : options_(options), spaces_(options.seed, options.most_spaces) {
  spaces_.open("default");
}

bool Mock::changed() { return std::exchange(changed_, false); }

WirePlan Mock::refuse(int http_status) {
  std::string bytes = "HTTP/1.1 " + std::to_string(http_status) + " ";
  bytes.append(reason_phrase(http_status)).append("\r\nConnection: close\r\n\r\n");
  return {.steps = {{0, std::move(bytes)}}, .ending = WirePlan::Ending::close};
}

std::string_view Mock::date_at(Time now) {
  if (now / 1000 != date_second_) {
    date_second_ = now / 1000;
    date_ = http_date(now);
  }
  return date_;
}

WirePlan Mock::plan(const Request& request, const Answer& answer, Time now) {
  const bool close = !request.keep_alive;
  WirePlan plan;
  plan.steps.push_back({0, to_bytes(answer, request.method == "HEAD", close, date_at(now))});
  plan.ending = close ? WirePlan::Ending::close : WirePlan::Ending::keep;
  return plan;
}

Reply Mock::answer(const Request& request, Visit& visit) {
  const Target target = parse_target(request.target);
  Space* space = spaces_.open(target.space);
  if (space == nullptr) {
    const Answer answer = not_implemented(
        kTooManySpaces,
        "there are " + std::to_string(spaces_.most()) + " spaces, the most there may be",
        "DELETE /__admin/spaces");
    return {.plan = plan(request, answer, real_now())};
  }
  if (is_admin(target.path)) {
    AdminReply reply = answer_admin(*this, *space, request, target, visit);
    if (reply.wait_until)
      return {.plan = {}, .wait_until = reply.wait_until, .wait_for_change = true};
    return {.plan = plan(request, reply.answer, real_now())};
  }
  return answer_vendor(request, *space, target.path, target.query, visit);
}

Reply Mock::answer_vendor(const Request& request, Space& space, std::string_view path,
                          std::string_view query, Visit&) {
  const Time now = space.clock.now();
  Random random(space.seed(), space.name(), space.requests++);
  const RouteFound found = find_route(request.method, path);
  Answer answer;
  if (found.route == nullptr) {
    answer = not_implemented(
        kNoRoute, as_header("no source knows " + request.method + " " + std::string(path)),
        found.nearest);
  } else if (!found.route->refused.empty()) {
    answer = not_implemented(kNotPlayed, std::string(found.route->refused), "");
  } else {
    auto id = percent_decoded(found.id);
    Call call{.request = request,
              .route = *found.route,
              .id = id ? std::move(*id) : std::string(found.id),
              .bad_escape = !id,
              .query = query,
              .space = space,
              .now = now,
              .random = random};
    answer = found.vendor->answer(call);
  }
  return {.plan = plan(request, answer, now)};
}

}  // namespace mock

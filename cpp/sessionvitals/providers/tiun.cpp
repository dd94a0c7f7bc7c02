// tiun: a paid session is valid, or it is not.
//
//     PATCH /live_api/s2s/v1/sessions/{sessionId}/status
//     X-ACCESS-TOKEN: {key}
//     Content-Length: 0
//
//     200 (no documented body)
//     401 {"type": "https://...", "title": "Unauthorized", "status": 401, ...}  or no body
//     404 {"type": "https://...", "title": "Not Found", "status": 404, ...}
//
//     POST /live_api/s2s/v1/users/verification   {"userVerificationToken": "..."}
//     200 {"isAuthenticated": true, "userInfo": {"userId": "...", "email": "...", ...}}
//     GET /live_api/s2s/v1/users/{userId}/info
//     200 {"userId": "...", "email": "...", "productAccess": [...]}
//
// The two calls about users stand in the vendor's skill pages alone.
//
// Contract: mocks/contracts/tiun.json, which cites the sources.

#include "sessionvitals/providers/tiun.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "sessionvitals/providers/reading/json.h"
#include "sessionvitals/providers/reading/reading.h"

namespace sessionvitals {

template <>
constexpr auto providers::kMembers<TiunUserToken> = std::array{
    required<&TiunUserToken::token>("userVerificationToken").secret(),
};

template <>
constexpr auto providers::kMembers<TiunUser> = std::array{
    required<&TiunUser::user_id>("userId"),
    optional<&TiunUser::email>("email"),
    opaque<&TiunUser::product_access>("productAccess"),
};

template <>
constexpr auto providers::kMembers<TiunUserVerification> = std::array{
    required<&TiunUserVerification::is_authenticated>("isAuthenticated"),
    optional<&TiunUserVerification::user>("userInfo"),
};

namespace {

constexpr std::array<std::string_view, 2> kHeaderNames = {kTiunAccessTokenHeader,
                                                          kTiunApiKeyHeader};

struct Problem {
  ProblemDetails details;
  std::string trace_id;
  bool is_there = false;
};

// A member of a wrong type is ignored (RFC 9457 s3.1).
void read_problem_member(void* target, std::string_view name, const providers::JsonValue& value) {
  auto& problem = *static_cast<Problem*>(target);
  ProblemDetails& details = problem.details;
  const auto read_text = [&](std::string& text) {
    problem.is_there = true;
    value.read(text);
  };
  if (name == "type") return read_text(details.type);
  if (name == "title") return read_text(details.title);
  if (name == "detail") return read_text(details.detail);
  if (name == "instance") return read_text(details.instance);
  if (name == "status") {
    problem.is_there = true;
    std::int64_t number = 0;
    if (value.read(number) && std::in_range<std::int32_t>(number)) {
      details.http_status = static_cast<std::int32_t>(number);
    }
    return;
  }
  if (name == "traceId") value.read(problem.trace_id);
  details.extra.push_back({std::string(name), std::string(value.json)});
}

// The members of the vendor's schema are all optional; a body with none of them
// is somebody else's.
std::optional<Problem> read_problem(const Response& response) {
  Problem problem;
  providers::visit_object(response.body, &problem, read_problem_member);
  if (!problem.is_there) return std::nullopt;
  return problem;
}

Error refuse(const Response& response, providers::Subject subject) {
  providers::ErrorBody body;
  if (auto problem = read_problem(response)) {
    ProblemDetails& details = problem->details;
    if (details.type != ProblemDetails().type) body.code = std::move(details.type);
    body.message = details.detail.empty() ? details.title : details.detail;
    body.request_id = std::move(problem->trace_id);
  }
  if (response.http_status == 401) {
    body.hint = subject == providers::Subject::session ? "This says nothing of the session. " : "";
    body.hint +=
        "The vendor's current guide sends the key as "
        "X-TIUN-API-KEY instead of X-ACCESS-TOKEN: try header_name=\"X-TIUN-API-KEY\".";
  }
  return providers::http_status_error(providers::tiun, response, std::move(body), subject);
}

// A credential of the user's, which errors must not repeat.
std::optional<Error> check_token(std::string_view token) {
  constexpr std::size_t kMaxToken = std::size_t{16} * 1024;
  const auto is_visible = [](char c) { return c > ' ' && c <= '~'; };
  if (!token.empty() && token.size() <= kMaxToken && std::ranges::all_of(token, is_visible)) {
    return std::nullopt;
  }
  return Error(ErrorKind::configuration_error,
               "The token is empty, longer than 16 KiB or not of visible ASCII: pass the one that "
               "the user's browser brought, alone.");
}

std::string_view header_name_of(const Credential& credential) {
  return credential.style.empty() ? kTiunAccessTokenHeader : std::string_view(credential.style);
}

// Headers that say how the message is sent. A token in one of them would be dropped,
// or would change where the request ends.
bool is_of_http_itself(std::string_view header_name) {
  constexpr std::array<std::string_view, 12> kNames = {
      "Accept", "Connection", "Content-Length",    "Content-Type",
      "Expect", "Host",       "Keep-Alive",        "Proxy-Authorization",
      "TE",     "Trailer",    "Transfer-Encoding", "Upgrade",
  };
  return std::ranges::any_of(
      kNames, [&](std::string_view name) { return equals_ignoring_case(name, header_name); });
}

std::optional<Error> check(const Credential& credential) {
  if (auto error = providers::check_key(providers::tiun, credential.key)) return error;
  const std::string_view header_name = header_name_of(credential);
  if (is_token(header_name) && !is_of_http_itself(header_name)) return std::nullopt;
  return Error(ErrorKind::configuration_error,
               "header_name is not a header's name (RFC 9110 s5.1) that can carry a token: use "
               "X-ACCESS-TOKEN or X-TIUN-API-KEY.");
}

Request request_of(std::string_view method, std::string target, const Credential& credential) {
  Request request;
  request.method = method;
  request.target = std::move(target);
  request.headers.reserve(providers::kUsualHeaders);
  providers::add_header(request, "Accept", "application/problem+json, application/json");
  providers::add_header(request, header_name_of(credential), credential.key).is_secret = true;
  return request;
}

std::optional<Error> retarget_verify(const SessionId& session_id, Request& request) {
  if (auto error = providers::check_session_id(session_id.value)) return error;
  providers::write_path(request.target, "/live_api/s2s/v1/sessions/", session_id.value, "/status");
  return std::nullopt;
}

void fill_in(Session& session) {
  session.hint = static_cast<const TiunVerdict&>(*session.detail).hint;
}

Result<Session> parse_probe(const SessionId& session_id, const Response& response) {
  auto verdict = tiun::parse_verify(session_id, response);
  if (!verdict) return std::move(verdict).error();
  Session session;
  session.provider = providers::tiun.name;
  session.id = session_id.value;
  session.state = verdict->valid ? SessionState::active : SessionState::denied;
  session.detail = std::make_shared<TiunVerdict>(*std::move(verdict));
  fill_in(session);
  return session;
}

}  // namespace

void TiunVerdict::redact(std::string_view secret) {
  if (!problem) return;
  for (std::string* text :
       {&problem->type, &problem->title, &problem->detail, &problem->instance}) {
    sessionvitals::redact(*text, secret);
  }
  for (ExtraMember& member : problem->extra) {
    sessionvitals::redact(member.name, secret);
    redact_json(member.json, secret);
  }
}

namespace tiun {

Result<Request> build_verify(const SessionId& session_id, const Credential& credential) {
  Request asked;
  if (auto error = retarget_verify(session_id, asked)) return *std::move(error);
  if (auto error = check(credential)) return *std::move(error);
  Request request = request_of("PATCH", std::move(asked.target), credential);
  providers::add_header(request, "Content-Length", "0");
  return request;
}

Result<TiunVerdict> parse_verify(const SessionId& session_id, const Response& response) {
  const bool is_verdict = response.http_status == 200 || response.http_status == 404;
  if (!is_verdict) return refuse(response, providers::Subject::session);
  TiunVerdict verdict;
  verdict.session_id = session_id.value;
  verdict.valid = response.http_status == 200;
  if (verdict.valid) return verdict;
  if (auto problem = read_problem(response)) {
    verdict.problem = std::move(problem->details);
  } else {
    verdict.hint = providers::hint_of_another(providers::tiun);
  }
  return verdict;
}

Result<Request> build_verify_user(const TiunUserToken& question, const Credential& credential) {
  if (auto error = check_token(question.token)) return *std::move(error);
  if (auto error = check(credential)) return *std::move(error);
  Request request = request_of("POST", "/live_api/s2s/v1/users/verification", credential);
  if (auto error = providers::add_json_body(request, question)) return *std::move(error);
  return request;
}

Result<TiunUserVerification> parse_verify_user(const TiunUserToken& question,
                                               const Response& response) {
  std::optional<Error> error;
  TiunUserVerification verification;
  if (response.http_status != 200) {
    error = refuse(response, providers::Subject::other);
  } else {
    error = providers::read_answer(providers::tiun, response, verification);
  }
  if (!error) return verification;
  error->redact(question.token);
  return *std::move(error);
}

Result<Request> build_get_user_info(const TiunUserId& question, const Credential& credential) {
  if (auto error = providers::check_id(question.user_id, "user id")) return *std::move(error);
  if (auto error = check(credential)) return *std::move(error);
  return request_of("GET", "/live_api/s2s/v1/users/" + percent_encode(question.user_id) + "/info",
                    credential);
}

Result<TiunUser> parse_get_user_info(const TiunUserId&, const Response& response) {
  if (response.http_status != 200) return refuse(response, providers::Subject::other);
  TiunUser user;
  if (auto error = providers::read_answer(providers::tiun, response, user)) {
    return *std::move(error);
  }
  return user;
}

}  // namespace tiun

namespace providers {

constinit const Provider tiun = {
    .name = "tiun",
    .default_base_url = "https://api.tiun.live",
    .sandbox_base_url = "https://api-sandbox.tiun.live",
    .base_url_variable = "TIUN_BASE_URL",
    .credential_name = "access_token",
    .credential_variable = "TIUN_ACCESS_TOKEN",
    .credential_required = true,
    .credential_styles = kHeaderNames,
    .state_map = {},
    .check = check,
    .probe = {.name = "probe",
              .effect = Effect::once,
              .build = sessionvitals::tiun::build_verify,
              .parse = parse_probe,
              .retarget = retarget_verify},
    .fill_in = fill_in,
    .looks = {.at_once = 1,
              .least_every = std::chrono::seconds(1),
              .least_every_of_many = std::chrono::seconds(10)},
};

}  // namespace providers

}  // namespace sessionvitals

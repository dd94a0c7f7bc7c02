#include "vendors/eliza/refusals.h"

#include "sandbox/space.h"
#include "vendors/eliza/rules.h"

namespace mock {

using namespace eliza_rules;

bool speaks_as_server(const Call& call) { return call.space.dialect.eliza == "server"; }

Answer eliza_refuse(const Call& call, const ElizaError& error, const Rule& rule) {
  return eliza_error(error, rule, speaks_as_server(call), call.now);
}

Answer eliza_not_found(const Call& call) {
  return eliza_refuse(call,
                      {.http_status = 404,
                       .code = "SESSION_NOT_FOUND",
                       .message = "Session with ID '" + call.id + "' not found",
                       .seed_details = {{"sessionId", call.id}},
                       .seed_message = "Session not found"},
                      kNotFound);
}

ElizaError eliza_invalid(std::string message, Json details) {
  return {.http_status = 400,
          .code = "VALIDATION_ERROR",
          .message = std::move(message),
          .details = std::move(details)};
}

Answer eliza_key_refused(const Call& call) {
  return eliza_refuse(call,
                      {.http_status = 401,
                       .code = "UNAUTHORIZED",
                       .message = "Missing or invalid X-API-KEY header",
                       .by = ElizaRefusal::by_authentication},
                      kWrongKey);
}

Answer eliza_bad_escape(const Call& call) {
  return eliza_refuse(call,
                      {.http_status = 500,
                       .code = "INTERNAL_SERVER_ERROR",
                       .message = "An unexpected error occurred",
                       .details = "Failed to decode param '" + std::string(call.id_as_sent) + "'"},
                      kBadEscape);
}

Answer eliza_limited(const Call& call) {
  return eliza_refuse(call,
                      {.http_status = 429,
                       .code = "RATE_LIMIT_EXCEEDED",
                       .message = "Too many requests. Please try again later.",
                       .by = ElizaRefusal::by_middleware},
                      kLimited);
}

Answer eliza_scripted(const Call& call, int http_status) {
  const bool ours = http_status == 500;
  return eliza_refuse(call,
                      {.http_status = http_status,
                       .code = ours ? "INTERNAL_SERVER_ERROR" : "SCRIPTED",
                       .message = std::string(reason_phrase(http_status))},
                      kScripted);
}

}  // namespace mock

#include "vendors/ping/answers.h"

#include <utility>

namespace mock {

namespace {

// The three stand in nothing but strings.
std::string escaped_for_html(std::string_view json) {
  std::string escaped;
  escaped.reserve(json.size() + 1);
  for (const char character : json) {
    if (character == '<') {
      escaped += "\\u003c";
    } else if (character == '>') {
      escaped += "\\u003e";
    } else if (character == '&') {
      escaped += "\\u0026";
    } else {
      escaped += character;
    }
  }
  return escaped;
}

}  // namespace

Answer ping_json(int http_status, const Json& body, const Rule& rule) {
  return ping_text(http_status, escaped_for_html(to_text(body)), rule);
}

Answer ping_text(int http_status, std::string json, const Rule& rule) {
  return {.http_status = http_status,
          .headers = {{"Content-Type", "application/json"}},
          .body = std::move(json.append("\n")),
          .rule = &rule,
          .reason = ""};
}

Answer ping_error(int http_status, std::string_view code, std::string_view message,
                  const Rule& rule) {
  return ping_json(http_status, {{"error", {{"code", code}, {"message", message}}}}, rule);
}

Answer ping_unknown(const Rule& rule, std::string reason) {
  return {
      .http_status = 501, .headers = {}, .body = "", .rule = &rule, .reason = std::move(reason)};
}

std::optional<Json> ping_body(const Call& call) {
  try {
    Json body = parse_json(call.request.body);
    if (body.is_object()) return std::make_optional(std::move(body));
  } catch (const BadRequest&) {
    // Not JSON.
  }
  return std::nullopt;
}

}  // namespace mock

#include "vendors/eliza/errors.h"

namespace mock {

namespace {

Json form_a(const ElizaError& error, Time now) {
  Json body = {{"code", error.code}, {"message", error.message}, {"timestamp", iso_time(now)}};
  if (!error.details.is_null()) body["details"] = error.details;
  // The real server leaks its stack here; a client must neither show nor log it.
  body["stack"] = "Error: " + error.message + "\n    at played by the mock";
  return {{"error", body}};
}

Json as_the_server(const ElizaError& error, Time now) {
  switch (error.by) {
    case ElizaRefusal::by_sessions_router:
      return form_a(error, now);
    case ElizaRefusal::by_middleware:
      return {{"success", false}, {"error", {{"code", error.code}, {"message", error.message}}}};
    case ElizaRefusal::by_unknown_route:
    case ElizaRefusal::by_body_parser:
      return {{"success", false},
              {"error", {{"message", error.message}, {"code", error.http_status}}}};
    case ElizaRefusal::by_authentication:
      return {{"error", "API key required"}, {"message", error.message}};
  }
  return {};
}

Json as_the_seed(const ElizaError& error) {
  Json body = {{"error", error.seed_message.empty() ? error.message : error.seed_message},
               {"code", error.code}};
  const Json& details = error.seed_details.is_null() ? error.details : error.seed_details;
  if (!details.is_null()) body["details"] = details;
  return body;
}

// FNV-1a; Express uses a longer hash, but a tag is opaque.
std::string weak_tag(std::string_view body) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : body) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  std::string tag = "W/\"";
  for (int shift = 60; shift >= 0; shift -= 4) tag += "0123456789abcdef"[(hash >> shift) & 15];
  return tag += '"';
}

}  // namespace

Answer eliza_json(int http_status, std::string body, const Rule& rule) {
  std::string tag = weak_tag(body);
  return {
      .http_status = http_status,
      .headers = {{"Content-Type", "application/json; charset=utf-8"}, {"ETag", std::move(tag)}},
      .body = std::move(body),
      .rule = &rule,
      .reason = ""};
}

Answer eliza_error(const ElizaError& error, const Rule& rule, bool as_server, Time now) {
  const Json body = as_server ? as_the_server(error, now) : as_the_seed(error);
  return eliza_json(error.http_status, to_text(body), rule);
}

}  // namespace mock

#include "vendors/eliza/middleware.h"

#include <algorithm>

#include "sandbox/space.h"
#include "values/text.h"
#include "vendors/eliza/errors.h"
#include "vendors/eliza/rules.h"
#include "vendors/target.h"

namespace mock {

namespace {

std::string_view without_weakness(std::string_view tag) {
  return tag.starts_with("W/") ? tag.substr(2) : tag;
}

// RFC 9110 s13.1.2, with the weak comparison.
bool has_tag(std::string_view known, std::string_view tag) {
  if (without_spaces(known) == "*") return true;
  while (!known.empty()) {
    const std::size_t end = std::min(known.find(','), known.size());
    if (without_weakness(without_spaces(known.substr(0, end))) == without_weakness(tag))
      return true;
    known.remove_prefix(std::min(known.size(), end + 1));
  }
  return false;
}

bool wants_it_anew(const Request& request) {
  const std::string* control = request.header("Cache-Control");
  return control != nullptr && control->find("no-cache") != std::string::npos;
}

// The values of every agentId in the query, joined as JavaScript joins an array of them.
std::string agent_in(std::string_view query) {
  std::string agent;
  bool is_first = true;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    if (auto value = query_value(query.substr(0, end), "agentId")) {
      agent.append(is_first ? "" : ",").append(*value);
      is_first = false;
    }
    query.remove_prefix(std::min(query.size(), end + 1));
  }
  return agent;
}

Answer refused(int http_status, const char* message, const char* code, const Rule& rule) {
  const Json body = {{"success", false}, {"error", {{"message", message}, {"code", code}}}};
  return eliza_json(http_status, to_text(body), rule);
}

}  // namespace

std::optional<std::string> eliza_key_of(const Call& call) {
  std::optional<std::string> key;
  for (const Header& header : call.request.headers) {
    if (!equals_ignoring_case(header.name, "X-API-KEY")) continue;
    key = key ? *key + ", " + header.value : header.value;
  }
  return key;
}

std::optional<Answer> eliza_refuse_agent(const Call& call) {
  const std::string agent = agent_in(call.query);
  if (agent.empty()) return std::nullopt;
  if (!eliza_is_uuid(agent)) {
    return refused(400, "Invalid agent ID format", "INVALID_AGENT_ID", eliza_rules::kAgentInQuery);
  }
  if (eliza_knows_agent(call, agent)) return std::nullopt;
  return refused(404, "Agent not found", "AGENT_NOT_FOUND", eliza_rules::kAgentInQuery);
}

bool eliza_knows_agent(const Call& call, std::string_view agent) {
  const auto& agents = call.space.dialect.eliza_agents;
  return !agents || std::ranges::find(*agents, agent) != agents->end();
}

bool eliza_is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = text[i];
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !hex) return false;
  }
  return true;
}

Answer eliza_if_changed(const Call& call, Answer answer) {
  const std::string& method = call.request.method;
  if ((method != "GET" && method != "HEAD") || answer.http_status != 200) return answer;
  const std::string* known = call.request.header("If-None-Match");
  if (known == nullptr || wants_it_anew(call.request)) return answer;
  const auto is_tag = [](const Header& header) { return header.name == "ETag"; };
  const auto tag = std::ranges::find_if(answer.headers, is_tag);
  if (tag == answer.headers.end() || !has_tag(*known, tag->value)) return answer;
  std::erase_if(answer.headers, [](const Header& each) { return each.name == "Content-Type"; });
  answer.http_status = 304;
  answer.body.clear();
  return answer;
}

}  // namespace mock

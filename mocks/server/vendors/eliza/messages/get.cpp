// GET /api/messaging/sessions/{id}/messages?limit=N&before=MS&after=MS
//   200  {"messages":[{...}],"hasMore":BOOL,"cursors":{"before":MS,"after":MS}}, newest first
#include <cmath>

#include "sandbox/space.h"
#include "vendors/eliza/calls.h"
#include "vendors/eliza/javascript.h"
#include "vendors/eliza/messages/calls.h"
#include "vendors/eliza/refusals.h"
#include "vendors/eliza/rules.h"

namespace mock {

using namespace eliza_rules;

namespace {

constexpr double kMaxLimit = 100;
constexpr double kMaxDate = 8.64e15;  // of JavaScript's Date

// A member of the query that JavaScript takes for true.
std::optional<std::string> given(const Call& call, const char* name) {
  auto value = query_value(call.query, name);
  return value && !value->empty() ? value : std::nullopt;
}

std::optional<ElizaError> read_time(const Call& call, const char* name,
                                    std::optional<double>& time) {
  const auto text = given(call, name);
  if (!text) return std::nullopt;
  time = javascript::parse_int(*text);
  if (std::abs(*time) <= kMaxDate) return std::nullopt;
  const std::string reason =
      std::isfinite(*time) ? "Invalid date from timestamp" : "Must be a valid timestamp";
  return eliza_invalid(std::string("Invalid pagination parameter '") + name + "': " + reason,
                       {{"parameter", name}, {"value", *text}, {"reason", reason}});
}

}  // namespace

Answer eliza_get_messages(Call& call) {
  Answer refused;
  ElizaSession* session = eliza_find_live(call, refused);
  if (session == nullptr) return refused;
  MessageQuery query;
  if (const auto limit = given(call, "limit")) {
    // Out of range it is clamped; no number is as if it were not there.
    const double number = javascript::parse_int(*limit);
    if (std::isfinite(number)) {
      query.limit = static_cast<std::size_t>(std::clamp(number, 1.0, kMaxLimit));
    }
  }
  for (const auto& [name, time] :
       {std::pair{"before", &query.before}, std::pair{"after", &query.after}}) {
    if (const auto problem = read_time(call, name, *time)) {
      return eliza_refuse(call, *problem, kBadPage);
    }
  }
  const auto page = select_page(session->messages, query, call.now);
  Json messages = Json::array();
  for (const ElizaMessage* message : page) messages.push_back(to_json(*message));
  Json body = {{"messages", std::move(messages)}, {"hasMore", page.size() == query.limit}};
  if (!page.empty()) {
    body["cursors"] = {{"before", page.back()->created_at}, {"after", page.front()->created_at}};
  }
  return eliza_json(200, to_text(body), *call.route.rule);
}

}  // namespace mock

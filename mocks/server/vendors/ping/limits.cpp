#include "sandbox/space.h"
#include "vendors/ping/answers.h"
#include "vendors/ping/calls.h"
#include "vendors/ping/rules.h"

namespace mock {

using namespace ping_rules;

namespace {

std::string_view scope_of(const Call& call) {
  return call.route.path.substr(call.route.path.rfind('/') + 1);
}

PingLimits* find(const Call& call) {
  const auto found = call.space.account.limits.find(scope_of(call));
  return found == call.space.account.limits.end() ? nullptr : &found->second;
}

Answer no_limits() { return ping_error(404, "not_found", "Limits not found", kNoLimits); }

}  // namespace

Answer ping_limits(Call& call) {
  const PingLimits* limits = find(call);
  if (limits == nullptr) return no_limits();
  return ping_json(200, limits_body(scope_of(call), *limits), *call.route.rule);
}

Answer ping_update_limits(Call& call) {
  PingLimits* limits = find(call);
  if (limits == nullptr) return no_limits();
  const auto body = ping_body(call);
  if (!body) return ping_error(400, "invalid_input", "The body is not a JSON object", kBadBody);
  PingLimits changed = *limits;
  for (const std::string_view name : limit_names(scope_of(call))) {
    const auto found = body->find(name);
    if (found == body->end() || found->is_null()) continue;
    const bool fits = found->is_number_integer() && *found >= 0 && *found <= INT64_MAX;
    if (!fits) {
      return ping_error(400, "invalid_input", std::string(name) + " must be an integer", kBadBody);
    }
    changed.values[std::string(name)] = found->get<std::int64_t>();
    changed.updated_at = call.now;
  }
  *limits = std::move(changed);
  return ping_limits(call);
}

Answer ping_delete_limits(Call& call) {
  if (find(call) == nullptr) return no_limits();
  call.space.account.limits.erase(call.space.account.limits.find(scope_of(call)));
  return {.http_status = 204, .headers = {}, .body = "", .rule = call.route.rule, .reason = ""};
}

}  // namespace mock

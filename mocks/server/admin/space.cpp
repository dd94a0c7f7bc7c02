#include "admin/calls.h"
#include "admin/openapi.h"
#include "browser/browser.h"
#include "mock.h"
#include "sandbox/scenario.h"

namespace mock {

namespace {

Json clock_json(const Clock& clock) {
  return {{"now", iso_time(clock.now())}, {"frozen", clock.is_frozen()}};
}

Answer document(std::string_view text) {
  return {.http_status = 200,
          .headers = {{"Content-Type", "application/json"}},
          .body = std::string(text),
          .rule = nullptr,
          .reason = ""};
}

// What is done by saying true; false would be the other of the two, or nothing.
bool is_said(Members& members, const char* name) {
  const auto value = members.optional_boolean(name);
  if (value && !*value) throw BadRequest(name, "can only be true: leave it out");
  return value.has_value();
}

}  // namespace

Answer show_openapi(AdminCall&) { return document(admin_openapi()); }
Answer show_vendors_openapi(AdminCall&) { return document(vendors_openapi()); }

Answer show_health(AdminCall& call) {
  return admin_json(200, {{"status", "ok"},
                          {"space", call.space.name()},
                          {"now", iso_time(call.space.clock.now())},
                          {"seed", call.mock.options().seed},
                          {"spaces", call.mock.spaces().size()},
                          {"sessions", call.space.session_count()},
                          {"requests", call.space.requests}});
}

Answer list_operations(AdminCall&) {
  Json operations = Json::array();
  for (const Vendor* vendor : vendors()) {
    for (const Route& route : vendor->routes()) {
      operations.push_back({{"provider", vendor->name()},
                            {"operation", route.operation},
                            {"method", route.method},
                            {"path", route.path},
                            {"played", route.answer != nullptr},
                            {"rule", route.rule->text},
                            {"provenance", route.rule->provenance},
                            {"source", route.rule->source}});
    }
  }
  return admin_json(200, {{"operations", std::move(operations)}});
}

Answer list_spaces(AdminCall& call) {
  Json spaces = Json::array();
  for (const Space* space : call.mock.spaces().in_order()) {
    spaces.push_back({{"name", space->name()},
                      {"sessions", space->session_count()},
                      {"requests", space->requests},
                      {"now", iso_time(space->clock.now())},
                      {"frozen", space->clock.is_frozen()}});
  }
  return admin_json(200, {{"spaces", std::move(spaces)}, {"most", call.mock.spaces().most()}});
}

Answer drop_spaces(AdminCall& call) {
  // The space that asks may be among them; nothing of it is used after this.
  Spaces& spaces = call.mock.spaces();
  const std::size_t count = spaces.size();
  for (const Space* space : spaces.in_order()) spaces.remove(std::string(space->name()));
  spaces.open("default");
  return admin_json(200, {{"removed", count}});
}

Answer drop_one_space(AdminCall& call) {
  Spaces& spaces = call.mock.spaces();
  const std::string name = call.names[0];
  if (!spaces.remove(name)) throw BadRequest("", "no space \"" + name + "\"", 404);
  spaces.open("default");
  return admin_json(200, {{"removed", 1}});
}

Answer show_clock(AdminCall& call) { return admin_json(200, clock_json(call.space.clock)); }

Answer move_clock(AdminCall& call) {
  const Json body = call.body();
  Members members(body, "");
  const auto set = members.optional_time("set");
  const auto advance = members.optional_number("advance");
  const bool freeze = is_said(members, "freeze");
  const bool resume = is_said(members, "resume");
  members.refuse_others();
  if (freeze && resume) throw BadRequest("resume", "cannot come together with freeze");
  Clock& clock = call.space.clock;
  if (freeze) clock.freeze();  // first, so that no time goes by between them
  if (set) clock.set(*set);
  if (advance) clock.advance(milliseconds_from_seconds(*advance));
  if (resume) clock.resume();
  return show_clock(call);
}

Answer show_keys(AdminCall& call) { return admin_json(200, to_json(call.space.keys)); }

Answer change_keys(AdminCall& call) {
  change(call.space.keys, call.body(), "");
  return show_keys(call);
}

Answer show_dialect(AdminCall& call) { return admin_json(200, to_json(call.space.dialect)); }

Answer change_dialect(AdminCall& call) {
  change(call.space.dialect, call.body(), "");
  return show_dialect(call);
}

Answer show_agent(AdminCall& call) { return admin_json(200, to_json(call.space.agent)); }

Answer change_agent(AdminCall& call) {
  change(call.space.agent, call.body(), "");
  return show_agent(call);
}

Answer show_account(AdminCall& call) { return admin_json(200, to_json(call.space.account)); }

Answer change_account(AdminCall& call) {
  change(call.space.account, call.body(), "", call.space.clock.now());
  return show_account(call);
}

Answer show_browser(AdminCall& call) {
  Json json = to_json(call.space.browser);
  json["script"] = script_path(call.space.name());
  return admin_json(200, json);
}

Answer change_browser(AdminCall& call) {
  change(call.space.browser, call.body(), "");
  return show_browser(call);
}

Answer show_limits(AdminCall& call) { return admin_json(200, call.space.limits.show()); }

Answer change_limits(AdminCall& call) {
  call.space.limits.change(call.body(), "");
  return show_limits(call);
}

Answer load_scenario(AdminCall& call) {
  load(call.space, call.body(), call.mock.spaces().sandbox_budget());
  return admin_json(201, {{"space", call.space.name()}, {"sessions", call.space.session_count()}});
}

Answer save_scenario(AdminCall& call) { return admin_json(200, save(call.space)); }

}  // namespace mock

#include "admin/admin.h"

#include <algorithm>
#include <array>

#include "admin/calls.h"
#include "admin/page.h"
#include "mock.h"
#include "values/path.h"
#include "values/text.h"

namespace mock {

namespace {

struct TableRow {
  std::string_view method;
  std::string_view path;
  Answer (*answer)(AdminCall&);
  std::string_view query = "";  // the members that it reads, with a comma between two
  bool has_criteria = false;    // whether it reads those that requests are looked for by as well
};

Answer show_index(AdminCall& call);

constexpr std::string_view kAnyQuery = "*";  // for a page that somebody opens

// Every call there is.
constexpr std::array kCalls{
    TableRow{"GET", "/__admin/", show_index, kAnyQuery},
    TableRow{"GET", "/__admin/events", follow_events, "since,timeout"},
    TableRow{"GET", "/__admin/health", show_health},
    TableRow{"GET", "/__admin/metrics", show_metrics},
    TableRow{"GET", "/__admin/operations", list_operations},
    TableRow{"GET", "/__admin/openapi.json", show_openapi},
    TableRow{"GET", "/__admin/openapi/vendors.json", show_vendors_openapi},
    TableRow{"GET", "/__admin/spaces", list_spaces},
    TableRow{"DELETE", "/__admin/spaces", drop_spaces},
    TableRow{"DELETE", "/__admin/spaces/{name}", drop_one_space},
    TableRow{"GET", "/__admin/sessions", list_sessions, "provider,limit"},
    TableRow{"POST", "/__admin/sessions", add_sessions},
    TableRow{"DELETE", "/__admin/sessions", drop_sessions},
    TableRow{"GET", "/__admin/sessions/{provider}/{id}", show_one_session},
    TableRow{"PATCH", "/__admin/sessions/{provider}/{id}", change_one_session},
    TableRow{"DELETE", "/__admin/sessions/{provider}/{id}", drop_one_session},
    TableRow{"GET", "/__admin/sessions/{provider}", show_one_session, "id"},
    TableRow{"PATCH", "/__admin/sessions/{provider}", change_one_session, "id"},
    TableRow{"DELETE", "/__admin/sessions/{provider}", drop_one_session, "id"},
    TableRow{"GET", "/__admin/clock", show_clock},
    TableRow{"POST", "/__admin/clock", move_clock},
    TableRow{"GET", "/__admin/keys", show_keys},
    TableRow{"PUT", "/__admin/keys", change_keys},
    TableRow{"GET", "/__admin/dialect", show_dialect},
    TableRow{"PUT", "/__admin/dialect", change_dialect},
    TableRow{"GET", "/__admin/agent", show_agent},
    TableRow{"PUT", "/__admin/agent", change_agent},
    TableRow{"GET", "/__admin/account", show_account},
    TableRow{"PUT", "/__admin/account", change_account},
    TableRow{"GET", "/__admin/browser", show_browser},
    TableRow{"PUT", "/__admin/browser", change_browser},
    TableRow{"GET", "/__admin/limits", show_limits},
    TableRow{"PUT", "/__admin/limits", change_limits},
    TableRow{"GET", "/__admin/scenario", save_scenario},
    TableRow{"POST", "/__admin/scenarios", load_scenario},
    TableRow{"GET", "/__admin/faults", list_faults},
    TableRow{"POST", "/__admin/faults", add_faults},
    TableRow{"DELETE", "/__admin/faults", drop_faults},
    TableRow{"DELETE", "/__admin/faults/{id}", drop_one_fault},
    TableRow{"GET", "/__admin/requests", list_requests, "limit", true},
    TableRow{"DELETE", "/__admin/requests", drop_requests},
    TableRow{"GET", "/__admin/requests/count", count_requests, "at_least,at_most,exactly", true},
    TableRow{"GET", "/__admin/requests/wait", wait_for_requests, "at_least,at_most,exactly,timeout",
             true},
    TableRow{"GET", "/__admin/requests/near-misses", near_misses, "limit", true},
};

bool matches(std::string_view path, std::string_view pattern, std::vector<std::string>& names) {
  PathValues values;
  if (!match_path(path, pattern, values)) return false;
  names.clear();
  for (std::size_t i = 0; i < values.count; ++i) {
    auto name = percent_decoded(values.values[i]);
    if (!name) return false;
    names.push_back(std::move(*name));
  }
  return true;
}

bool has_member(const TableRow& entry, std::string_view name) {
  for (std::string_view rest = entry.query; !rest.empty();) {
    if (take_until(rest, ',') == name) return true;
  }
  return entry.has_criteria && (name == "since" || name == "unmatched" || is_request_field(name));
}

std::string members_of(const TableRow& entry) {
  std::string list = replaced(entry.query, ",", ", ");
  if (!entry.has_criteria) return list;
  list += ", since, unmatched, header.NAME";
  for (const std::string_view field : kRequestFields) list.append(", ").append(field);
  return list;
}

// A misspelt member that were passed over would answer another question.
void check_query(const TableRow& entry, std::string_view query) {
  if (entry.query == kAnyQuery) return;
  while (!query.empty()) {
    const std::string_view member = take_until(query, '&');
    const std::string_view name = member.substr(0, member.find('='));
    if (name.empty()) continue;
    if (!has_member(entry, name)) {
      const std::string known = members_of(entry);
      throw BadRequest(std::string(name), known.empty()
                                              ? "is not known here: this call reads no query"
                                              : "is not known here; known are " + known);
    }
    if (!query_value(member, name)) {
      throw BadRequest(std::string(name), "has a malformed percent escape");
    }
  }
}

Answer run(const TableRow& entry, AdminCall& call) try {
  check_query(entry, call.query);
  return entry.answer(call);
} catch (const BadRequest& refusal) {
  const int status = refusal.http_status();
  const std::string_view code = status == 404   ? "not_found"
                                : status == 400 ? "invalid_input"
                                                : "refused";
  return admin_error(status, code, refusal.what(), refusal.member());
}

Answer show_index(AdminCall& call) {
  if (call.mock.options().dashboard && wants_page(call.request)) {
    return {.http_status = 200,
            .headers = {{"Content-Type", "text/html; charset=utf-8"},
                        {"Content-Security-Policy", std::string(dashboard_policy())},
                        {"Cross-Origin-Opener-Policy", "same-origin"},
                        {"Vary", "Accept"}},
            .body = std::string(dashboard_page())};
  }
  Json calls = Json::array();
  for (const TableRow& row : kCalls) {
    calls.push_back(std::string(row.method) + " " + std::string(row.path));
  }
  return admin_json(200, {{"calls", std::move(calls)}, {"document", "/__admin/openapi.json"}});
}

}  // namespace

Json AdminCall::body() const { return parse_json(request.body, Duplicates::refused); }

Answer admin_json(int http_status, const Json& json) {
  return {.http_status = http_status,
          .headers = {{"Content-Type", "application/json"}},
          .body = to_text(json) + "\n",
          .rule = nullptr,
          .reason = ""};
}

Answer admin_error(int http_status, std::string_view code, const std::string& message,
                   const std::string& member) {
  Json error = {{"code", code}, {"message", message}};
  if (!member.empty()) error["member"] = member;
  return admin_json(http_status, {{"error", error}});
}

bool is_admin(std::string_view path) { return path == "/__admin" || path.starts_with("/__admin/"); }

AdminReply answer_admin(Mock& mock, Space& space, const Request& request, const Target& target,
                        RequestState& state) {
  AdminCall call{.mock = mock,
                 .space = space,
                 .request = request,
                 .query = target.query,
                 .names = {},
                 .state = state,
                 .wait_until = std::nullopt};
  std::string allowed;
  const std::string_view path = target.path == "/__admin" ? "/__admin/" : target.path;
  for (const TableRow& entry : kCalls) {
    if (!matches(path, entry.path, call.names)) continue;
    // HEAD is answered wherever GET is, without the body.
    if (entry.method == request.method || (entry.method == "GET" && request.method == "HEAD")) {
      Answer answer = run(entry, call);
      return {.answer = std::move(answer),
              .wait_until = call.wait_until,
              .wait_for_change = call.wait_for_change};
    }
    allowed.append(allowed.empty() ? "" : ", ").append(entry.method);
  }
  if (allowed.empty()) {
    return {.answer =
                admin_error(404, "not_found", "no such admin call; see /__admin/openapi.json")};
  }
  Answer answer = admin_error(405, "method_not_allowed", "allowed here: " + allowed);
  answer.headers.push_back({"Allow", allowed});
  return {.answer = std::move(answer)};
}

}  // namespace mock

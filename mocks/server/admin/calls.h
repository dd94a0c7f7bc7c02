// The admin interface's calls, by the file that has them. Each throws BadRequest on wrong input.
#pragma once

#include <algorithm>
#include <array>

#include "admin/admin.h"

namespace mock {

/// What recorded requests can be looked for by, and besides by any "header.NAME".
inline constexpr std::array<std::string_view, 9> kRequestFields{
    "provider",   "operation", "http_status", "method", "target",
    "session_id", "fault",     "body",        "number"};

inline bool is_request_field(std::string_view name) {
  return name.starts_with("header.") ||
         std::ranges::find(kRequestFields, name) != kRequestFields.end();
}

// sessions.cpp
Answer list_sessions(AdminCall& call);
Answer add_sessions(AdminCall& call);
Answer drop_sessions(AdminCall& call);
Answer show_one_session(AdminCall& call);
Answer change_one_session(AdminCall& call);
Answer drop_one_session(AdminCall& call);

// space.cpp
Answer show_health(AdminCall& call);
Answer list_operations(AdminCall& call);
Answer show_openapi(AdminCall& call);
Answer show_vendors_openapi(AdminCall& call);
Answer list_spaces(AdminCall& call);
Answer drop_spaces(AdminCall& call);
Answer drop_one_space(AdminCall& call);
Answer show_clock(AdminCall& call);
Answer move_clock(AdminCall& call);
Answer show_keys(AdminCall& call);
Answer change_keys(AdminCall& call);
Answer show_dialect(AdminCall& call);
Answer change_dialect(AdminCall& call);
Answer show_agent(AdminCall& call);
Answer change_agent(AdminCall& call);
Answer show_account(AdminCall& call);
Answer change_account(AdminCall& call);
Answer show_browser(AdminCall& call);
Answer change_browser(AdminCall& call);
Answer show_limits(AdminCall& call);
Answer change_limits(AdminCall& call);
Answer load_scenario(AdminCall& call);
Answer save_scenario(AdminCall& call);

// faults.cpp
Answer list_faults(AdminCall& call);
Answer add_faults(AdminCall& call);
Answer drop_faults(AdminCall& call);
Answer drop_one_fault(AdminCall& call);

// metrics.cpp
Answer show_metrics(AdminCall& call);

// events.cpp
Answer follow_events(AdminCall& call);

// requests.cpp
Answer list_requests(AdminCall& call);
Answer drop_requests(AdminCall& call);
Answer count_requests(AdminCall& call);
Answer wait_for_requests(AdminCall& call);
Answer near_misses(AdminCall& call);

}  // namespace mock

// The dashboard, mocks/page/dashboard.html, built in.
#pragma once

#include <string_view>

namespace mock {

std::string_view dashboard_page();

/// Its Content-Security-Policy, which lets its own script and style sheet run and nothing else.
std::string_view dashboard_policy();

}  // namespace mock

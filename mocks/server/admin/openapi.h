// The OpenAPI documents in mocks/openapi/, built in.
#pragma once

#include <string_view>

namespace mock {

std::string_view admin_openapi();
std::string_view vendors_openapi();

}  // namespace mock

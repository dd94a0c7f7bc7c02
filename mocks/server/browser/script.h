// The imitation of tiun's browser script, mocks/page/sdk.js, built in.
#pragma once

#include <string_view>

namespace mock {

std::string_view tiun_script();

}  // namespace mock

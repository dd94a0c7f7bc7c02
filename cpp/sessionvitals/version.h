#pragma once

#include <string_view>

// For the preprocessor: 10000 * major + 100 * minor + patch.
#define SESSIONVITALS_VERSION_NUMBER 100

namespace sessionvitals {

/// The version of these headers: "major.minor.patch". Before 1.0 a minor version may break.
inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace sessionvitals

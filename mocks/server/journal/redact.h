// What must never be kept: keys, tokens and their like, taken out before anything is recorded.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "sandbox/settings.h"
#include "values/text.h"

namespace mock {

inline constexpr std::string_view kRedacted = "[redacted]";

/// By its name, a header, query member or JSON member that holds a secret.
bool is_secret_name(std::string_view name);

/// Header value, as it may be kept: every value of a secret's name is one.
std::string_view redacted_header(std::string_view name, std::string_view value);

/// The space's own keys vanish wherever they stand.
std::string redacted_text(std::string_view text, const Keys& keys);

/// A target or a body: secret query and JSON members lose their values, and the space's own keys
/// vanish wherever they stand.
std::string redacted_target(std::string_view target, const Keys& keys);
std::string redacted_body(std::string_view body, const Keys& keys);

}  // namespace mock

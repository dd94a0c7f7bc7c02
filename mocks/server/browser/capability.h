// What a page has to know before the browser script of a space does anything for it.
#pragma once

#include <string>
#include <string_view>

namespace mock {

/// 32 hex digits, other ones for each space and in each process. No page can guess them.
std::string capability_of(std::string_view space);

/// Whether the text is the space's capability; takes as long for a wrong one.
bool is_capability(std::string_view given, std::string_view space);

}  // namespace mock

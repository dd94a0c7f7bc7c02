#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "sessionvitals/result.h"
#include "sessionvitals/session.h"

/// What elizaOS lets a session, or a message, carry along. Private to providers/.
namespace sessionvitals::eliza_calls {

/// Returns the length of UTF-8 text as the server counts it: in UTF-16 units.
std::size_t utf16_length(std::string_view text);

/// Whether a text within the JSON has a NUL. The server answers 500 to it, after some
/// seconds (wire).
bool has_nul(std::string_view json);

/// Returns the metadata with the key in its member kElizaKeyMember. Fails with a
/// ConfigurationError, in which `name` is the key's argument, if the metadata is no
/// object, has the member already, is longer than 10,240 units or has a NUL.
Result<std::optional<JsonText>> with_key(const std::optional<JsonText>& metadata,
                                         const std::optional<std::string>& key,
                                         const std::string& name);

}  // namespace sessionvitals::eliza_calls

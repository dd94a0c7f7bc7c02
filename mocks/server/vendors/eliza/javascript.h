// What JavaScript makes of JSON, where elizaOS's real server shows it. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "values/json.h"

namespace mock::javascript {

inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// JSON.parse of the text's UTF-8, without its byte order mark. Throws BadRequest as parse_json
/// does. 1.0 is read as 1, as JSON.stringify writes it. A lone surrogate, which no UTF-8 can hold,
/// is read as NUL: both are texts that the server's database refuses.
Json parse(std::string_view text);

/// Number(value): not a number is NaN.
double number(const Json& value);

/// parseInt(text, 10): not a number is NaN.
double parse_int(std::string_view text);

/// Boolean(value).
bool is_true(const Json& value);

/// The length of a text in UTF-16, as JavaScript counts it.
std::size_t length(std::string_view utf8);

/// UTF-16 needs a pair of surrogates for some character of the text.
bool has_surrogates(std::string_view utf8);

/// A text of the value, or a name of a member, has NUL in it.
bool has_nul(const Json& value);

/// What decodeURIComponent accepts as the result of its escapes.
bool is_utf8(std::string_view text);

}  // namespace mock::javascript

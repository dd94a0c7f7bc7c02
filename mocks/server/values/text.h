// Small questions about text, asked in several folders. ASCII only where case matters.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mock {

bool equals_ignoring_case(std::string_view left, std::string_view right);

std::string lower_case(std::string_view text);

/// What is between the spaces around it; by default those of HTTP's fields.
std::string_view without_spaces(std::string_view text, std::string_view spaces = " \t");

/// `text` with `to` in each place of `from`; in linear time. `from` may be empty, for none.
std::string replaced(std::string_view text, std::string_view from, std::string_view to);

/// Takes what is before the separator, or all, off the text; the separator goes as well.
std::string_view take_until(std::string_view& text, char separator);

/// Percent escapes decoded; nothing when one is malformed.
std::optional<std::string> percent_decoded(std::string_view text);

/// The value of a query's member, decoded; nothing when absent or malformed.
std::optional<std::string> query_value(std::string_view query, std::string_view name);

}  // namespace mock

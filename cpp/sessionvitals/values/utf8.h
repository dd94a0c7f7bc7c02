#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// UTF-8 as RFC 3629 has it, for text that may be anything. Private: not
/// installed.
namespace sessionvitals {

/// Returns how many bytes the UTF-8 sequence at the start of the text has; 0 if
/// there is none (RFC 3629 s4). The text must not be empty.
std::size_t utf8_sequence_size(std::string_view text);

/// Returns true if the text is UTF-8 from its start to its end.
bool is_utf8(std::string_view text);

/// Appends the text, with U+FFFD for each byte that is no part of UTF-8.
void append_utf8(std::string& out, std::string_view text);

/// True for what no line of text has: the control characters of ASCII.
bool is_control(char character);

/// Returns a vendor's text for one of ours: on one line, and of at most so many bytes. It is cut
/// between two characters, and then ends in "...".
std::string excerpt_of(std::string_view text, std::size_t most);

}  // namespace sessionvitals

#pragma once

#include <string>
#include <string_view>

/// Text that leaves for where only UTF-8 may stand. Private to bulk_table.cpp.
namespace sessionvitals {

/// Appends the text, with U+FFFD for each byte that is no part of UTF-8
/// (RFC 3629): what a peer sent may be anything.
void append_utf8(std::string& out, std::string_view text);

}  // namespace sessionvitals

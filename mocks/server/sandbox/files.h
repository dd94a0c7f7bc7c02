// Reading and replacing a file whole.
#pragma once

#include <optional>
#include <string>

namespace mock {

/// The file's bytes; nothing when it cannot be read or has more than 64 MiB.
std::optional<std::string> read_file(const std::string& file);

/// Writes the text beside the file and renames it over it, so that the file is whole or untouched.
/// Gives what is wrong, or nothing.
std::string replace_file(const std::string& file, const std::string& text);

/// Why replace_file() would fail, or nothing: the file is there and no regular one, or nothing can
/// be written beside it. Leaves the file as it is.
std::string problem_with_replacing(const std::string& file);

}  // namespace mock

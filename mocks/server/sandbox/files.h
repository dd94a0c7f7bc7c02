// Reading a file whole.
#pragma once

#include <optional>
#include <string>

namespace mock {

/// The file's bytes; nothing when it cannot be read or has more than 64 MiB.
std::optional<std::string> read_file(const std::string& file);

}  // namespace mock

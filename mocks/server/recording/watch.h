// Watching a file for changes, by inotify.
#pragma once

#include <string>

namespace mock {

/// A descriptor that can be read when a file is written anew, also by a rename over it as editors
/// do; below 0 when that cannot be watched.
int watch_file(const std::string& file);

/// Reads what the descriptor has; whether the file was among it.
bool has_changed(int descriptor, const std::string& file);

}  // namespace mock

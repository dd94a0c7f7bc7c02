// Paths, segment by segment: the vendors' routes and the admin interface's. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace mock {

/// What stands in a path for the {names} of its pattern, in their order, still encoded.
struct PathValues {
  std::array<std::string_view, 2> values;
  std::size_t count = 0;

  /// The first one; empty when the pattern has none.
  std::string_view first() const { return count == 0 ? std::string_view() : values[0]; }
};

/// Whether `path` has the shape of `pattern`, such as "/sessions/{id}/status". A value is never
/// empty. Case-insensitive routes also match with a slash at the end.
bool match_path(std::string_view path, std::string_view pattern, PathValues& values,
                bool case_insensitive = false);

/// How unlike a path and a pattern are: 0 when they match, more for each segment that is missing,
/// superfluous or different.
std::size_t path_distance(std::string_view path, std::string_view pattern);

}  // namespace mock

#include "values/path.h"

#include <algorithm>
#include <vector>

#include "values/text.h"

namespace mock {

namespace {

// Longer paths are judged by their last segments: the distance takes quadratic time.
constexpr std::size_t kMaxCompared = 16;

constexpr std::size_t kOtherSegment = 4;

std::string_view take_segment(std::string_view& path) {
  if (!path.empty() && path.front() == '/') path.remove_prefix(1);
  const std::size_t end = std::min(path.find('/'), path.size());
  const std::string_view segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

bool is_name(std::string_view segment) { return segment.starts_with('{'); }

std::vector<std::string_view> last_segments(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) segments.push_back(take_segment(path));
  if (segments.size() > kMaxCompared)
    segments.erase(segments.begin(), segments.end() - kMaxCompared);
  return segments;
}

std::size_t segment_distance(std::string_view given, std::string_view expected) {
  if (given == expected) return 0;
  // Anything may be an id, but a known word is rarely one.
  if (is_name(expected)) return given.empty() ? kOtherSegment : 1;
  // A segment that shares its beginning is probably misspelled.
  const auto [left, right] = std::ranges::mismatch(given, expected);
  return left - given.begin() >= 3 ? 2 : kOtherSegment;
}

}  // namespace

bool match_path(std::string_view path, std::string_view pattern, PathValues& values,
                bool case_insensitive) {
  values.count = 0;
  if (case_insensitive && path.ends_with('/') && !pattern.ends_with('/')) path.remove_suffix(1);
  while (!pattern.empty()) {
    if (path.empty()) return false;
    const std::string_view given = take_segment(path);
    const std::string_view expected = take_segment(pattern);
    if (is_name(expected)) {
      if (given.empty()) return false;
      values.values[values.count++] = given;
    } else if (given != expected && !(case_insensitive && equals_ignoring_case(given, expected))) {
      return false;
    }
  }
  return path.empty();
}

std::size_t path_distance(std::string_view path, std::string_view pattern) {
  // Levenshtein's distance over segments. A missing prefix costs least: it is what people forget in
  // a base URL.
  constexpr std::size_t kMissing = 3;
  const auto given = last_segments(path);
  const auto expected = last_segments(pattern);
  std::vector<std::size_t> row(expected.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (std::size_t i = 0; i < given.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = (i + 1) * kMissing;
    for (std::size_t j = 0; j < expected.size(); ++j) {
      const std::size_t replaced = diagonal + segment_distance(given[i], expected[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + kMissing, row[j + 1] + kMissing});
    }
  }
  return row.back();
}

}  // namespace mock

#include "vendors/target.h"

#include <algorithm>
#include <vector>

#include "sandbox/space.h"

namespace mock {

namespace {

std::string_view take_segment(std::string_view& path) {
  if (!path.empty() && path.front() == '/') path.remove_prefix(1);
  const std::size_t end = std::min(path.find('/'), path.size());
  const std::string_view segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

// How unlike two paths are, segment by segment; an {id} is like anything.
std::size_t unlikeness(std::string_view path, std::string_view pattern) {
  std::size_t difference = 0;
  while (!path.empty() || !pattern.empty()) {
    const std::string_view theirs = take_segment(path);
    const std::string_view ours = take_segment(pattern);
    if (ours == "{id}" && !theirs.empty()) continue;
    if (theirs == ours) continue;
    // A segment that shares its beginning is probably a slip of the pen.
    const auto [left, right] = std::ranges::mismatch(theirs, ours);
    difference += left - theirs.begin() >= 3 ? 1 : 2;
  }
  return difference;
}

// Takes http://HOST[:PORT] off an absolute target, which proxies are sent (RFC 9112 s3.2.2).
std::string_view take_authority(std::string_view& target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!equals_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
    const std::string_view rest = target.substr(scheme.size());
    const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
    target = rest.substr(end);
    return rest.substr(0, end);
  }
  return {};
}

}  // namespace

Target parse_target(std::string_view target) {
  const std::string_view authority = take_authority(target);
  const std::size_t mark = std::min(target.find('?'), target.size());
  Target parts{.space = "default",
               .path = target.substr(0, mark),
               .query = mark < target.size() ? target.substr(mark + 1) : std::string_view(),
               .authority = authority};
  if (!authority.empty() && parts.path.empty()) parts.path = "/";
  if (!parts.path.starts_with("/~")) return parts;
  const std::size_t end = std::min(parts.path.find('/', 2), parts.path.size());
  const std::string_view name = parts.path.substr(2, end - 2);
  if (!Spaces::is_name(name)) return parts;
  parts.space = name;
  parts.path = end == parts.path.size() ? "/" : parts.path.substr(end);
  return parts;
}

bool meets(std::string_view path, std::string_view pattern, std::string_view& id, bool loosely) {
  if (loosely && path.ends_with('/') && !pattern.ends_with('/')) path.remove_suffix(1);
  while (!pattern.empty()) {
    if (path.empty()) return false;
    const std::string_view theirs = take_segment(path);
    const std::string_view ours = take_segment(pattern);
    if (ours == "{id}") {
      if (theirs.empty()) return false;
      id = theirs;
    } else if (theirs != ours && !(loosely && equals_ignoring_case(theirs, ours))) {
      return false;
    }
  }
  return path.empty();
}

RouteFound find_route(std::string_view method, std::string_view path, const Space* space) {
  RouteFound found;
  std::size_t least = SIZE_MAX;
  for (const Vendor* vendor : vendors()) {
    const bool loosely = space != nullptr && vendor->case_insensitive_routes(*space);
    for (const Route& route : vendor->routes()) {
      std::string_view id;
      const bool same_path = meets(path, route.path, id, loosely);
      if (same_path && route.method == method) {
        return {.vendor = vendor, .route = &route, .id = id, .nearest = ""};
      }
    }
  }
  for (const Vendor* vendor : vendors()) {
    for (const Route& route : vendor->routes()) {
      if (!route.refused.empty()) continue;
      const std::size_t difference =
          2 * unlikeness(path, route.path) + (route.method == method ? 0U : 1U);
      if (difference >= least) continue;
      least = difference;
      found.nearest = std::string(route.method) + " " + std::string(route.path) + " (" +
                      std::string(vendor->name()) + ", " + std::string(route.operation) + ")";
    }
  }
  return found;
}

}  // namespace mock

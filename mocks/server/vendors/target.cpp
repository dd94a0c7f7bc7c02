#include "vendors/target.h"

#include <algorithm>

#include "sandbox/space.h"
#include "values/path.h"

namespace mock {

namespace {

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

RouteFound find_route(std::string_view method, std::string_view path, const Space* space) {
  PathValues values;
  for (const Vendor* vendor : vendors()) {
    const bool in_any_case = space != nullptr && vendor->case_insensitive_routes(*space);
    for (const Route& route : vendor->routes()) {
      if (route.method == method && match_path(path, route.path, values, in_any_case)) {
        return {.vendor = vendor, .route = &route, .id = values.first(), .nearest = ""};
      }
    }
  }
  RouteFound found;
  std::size_t least = SIZE_MAX;
  for (const Vendor* vendor : vendors()) {
    for (const Route& route : vendor->routes()) {
      if (route.answer == nullptr) continue;
      const std::size_t distance =
          2 * path_distance(path, route.path) + (route.method == method ? 0U : 3U);
      if (distance >= least) continue;
      least = distance;
      found.nearest = std::string(route.method) + " " + std::string(route.path) + " (" +
                      std::string(vendor->name()) + ", " + std::string(route.operation) + ")";
    }
  }
  return found;
}

}  // namespace mock

#include "vendors/target.h"

#include <algorithm>
#include <utility>

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

std::string NearRoute::in_words() const {
  std::string words(route->method);
  words.append(" ").append(route->path).append(" (").append(vendor->name());
  return words.append(", ").append(route->operation).append(")");
}

std::vector<NearRoute> nearest_routes(std::string_view method, std::string_view path,
                                      std::size_t limit) {
  std::vector<std::pair<std::size_t, NearRoute>> all;
  for (const Vendor* vendor : vendors()) {
    for (const Route& route : vendor->routes()) {
      if (route.answer == nullptr) continue;
      const std::size_t distance =
          2 * path_distance(path, route.path) + (route.method == method ? 0U : 3U);
      all.push_back({distance, {vendor, &route}});
    }
  }
  std::ranges::stable_sort(all, {}, [](const auto& each) { return each.first; });
  std::vector<NearRoute> nearest;
  for (std::size_t i = 0; i < std::min(limit, all.size()); ++i) nearest.push_back(all[i].second);
  return nearest;
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
  for (const NearRoute& near : nearest_routes(method, path, 1)) found.nearest = near.in_words();
  return found;
}

}  // namespace mock

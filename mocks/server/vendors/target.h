// A request target taken apart: the space, the path within it, and the route that it matches.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "values/text.h"
#include "vendors/vendor.h"

namespace mock {

struct Target {
  std::string_view space;           // "default" without a prefix
  std::string_view path;            // begins with a slash
  std::string_view query;           // without the question mark
  std::string_view authority = {};  // HOST[:PORT] of an absolute target, http://HOST/PATH
};

/// Views into `target`. A prefix that is no space's name is left in the path, where it matches no
/// route.
Target parse_target(std::string_view target);

struct RouteFound {
  const Vendor* vendor = nullptr;
  const Route* route = nullptr;  // null: no vendor has such a route
  std::string_view id;           // what stands for the first {name} of the path, still encoded
  std::string nearest;           // when there is none: the closest route, in words
};

struct NearRoute {
  const Vendor* vendor;
  const Route* route;

  std::string in_words() const;
};

/// The routes that are most like what no route matches, the nearest first, at most `limit`. Only
/// routes that the mock plays.
std::vector<NearRoute> nearest_routes(std::string_view method, std::string_view path,
                                      std::size_t limit);

/// The route by the rules of `space`'s dialects, or exactly.
RouteFound find_route(std::string_view method, std::string_view path, const Space* space = nullptr);

}  // namespace mock

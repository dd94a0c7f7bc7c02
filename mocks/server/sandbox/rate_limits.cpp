#include "sandbox/rate_limits.h"

#include <algorithm>

#include "vendors/vendor.h"

namespace mock {

std::optional<LimitState> RateLimits::count(std::string_view provider, Time now) {
  const auto found = limits_.find(provider);
  if (found == limits_.end()) return std::nullopt;
  Limit& limit = found->second;
  const Time length = limit.window * 1000;
  // A clock that is set back does not end the window: the server counts on until its end.
  if (!limit.since || now - *limit.since >= length) {
    limit.since = now;
    limit.used = 0;
  }
  const bool exceeded = limit.used >= limit.limit;
  if (!exceeded) ++limit.used;
  return LimitState{.limit = limit.limit,
                    .window = limit.window,
                    .remaining = limit.limit - limit.used,
                    .reset = (*limit.since + length - now + 999) / 1000,
                    .exceeded = exceeded};
}

Json RateLimits::show() const {
  Json json = Json::object();
  for (const Vendor* vendor : vendors()) {
    if (!vendor->has_rate_limit()) continue;
    const auto found = limits_.find(vendor->name());
    json[std::string(vendor->name())] =
        found == limits_.end()
            ? Json(nullptr)
            : Json{{"limit", found->second.limit}, {"window", found->second.window}};
  }
  return json;
}

void RateLimits::change(const Json& json, const std::string& path) {
  Members members(json, path);
  auto changed = limits_;
  for (const Vendor* vendor : vendors()) {
    const std::string name(vendor->name());
    if (!members.has(name)) continue;
    const std::string where = members.path_of(name);
    if (!vendor->has_rate_limit()) {
      throw BadRequest(where, "no source knows a rate limit of " + name);
    }
    changed.erase(name);
    const Json* given = members.any(name);
    if (given->is_null()) continue;
    Members limit(*given, where);
    const std::int64_t most = limit.optional_integer("limit").value_or(1000);
    const std::int64_t window = limit.optional_integer("window").value_or(900);
    limit.refuse_others();
    if (most < 0 || window < 1 || window > 31536000) {
      throw BadRequest(where,
                       "needs a limit of at least 0 and a window from 1 to 31536000 seconds");
    }
    changed.emplace(name, Limit{.limit = most, .window = window});
  }
  members.refuse_others();
  limits_ = std::move(changed);
}

}  // namespace mock

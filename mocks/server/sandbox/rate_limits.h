// Rate limits of a space, off until somebody sets them: so many requests of a vendor in a window
// of virtual time that begins with the first of them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "values/json.h"

namespace mock {

struct LimitState {
  std::int64_t limit = 0;
  std::int64_t window = 0;     // seconds
  std::int64_t remaining = 0;  // after this request
  std::int64_t reset = 0;      // seconds until the window is over, rounded up
  bool exceeded = false;
};

class RateLimits {
 public:
  /// Counts one request; nothing when the provider has no limit here.
  std::optional<LimitState> count(std::string_view provider, Time now);

  Json show() const;
  /// {"PROVIDER": {"limit": N, "window": SECONDS} or null}. Throws BadRequest and changes nothing.
  void change(const Json& json, const std::string& path);

 private:
  struct Limit {
    std::int64_t limit;
    std::int64_t window;
    std::optional<Time> since = std::nullopt;
    std::int64_t used = 0;
  };
  std::map<std::string, Limit, std::less<>> limits_;
};

}  // namespace mock

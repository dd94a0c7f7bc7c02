#include "eliza_timeouts.h"

#include <algorithm>

namespace mock {

namespace {

constexpr double kShortest = 5;
constexpr double kLongest = 1440;

double number_or(const Json& json, const char* name, double otherwise) {
  const auto found = json.find(name);
  return found != json.end() && found->is_number() ? found->get<double>() : otherwise;
}

}  // namespace

TimeoutConfig clamped(const Json& json) {
  TimeoutConfig config;
  if (!json.is_object()) return config;
  config.timeout_minutes =
      std::clamp(number_or(json, "timeoutMinutes", config.timeout_minutes), kShortest, kLongest);
  if (json.contains("maxDurationMinutes")) {
    const double wanted = number_or(json, "maxDurationMinutes", config.max_duration_minutes);
    config.max_duration_minutes = std::max(config.timeout_minutes, std::min(2 * kLongest, wanted));
  }
  config.warning_threshold_minutes =
      std::max(1.0, number_or(json, "warningThresholdMinutes", config.warning_threshold_minutes));
  const auto renew = json.find("autoRenew");
  if (renew != json.end() && renew->is_boolean()) config.auto_renew = renew->get<bool>();
  return config;
}

std::string problem_with_timeout(const Json& json) {
  for (const char* name : {"timeoutMinutes", "maxDurationMinutes", "warningThresholdMinutes"}) {
    if (json.contains(name) && !json[name].is_number())
      return "Invalid timeout configuration format";
  }
  if (json.contains("autoRenew") && !json["autoRenew"].is_boolean()) {
    return "Invalid timeout configuration format";
  }
  const double timeout = number_or(json, "timeoutMinutes", 30);
  if (timeout >= kShortest && timeout <= kLongest) return "";
  return "Timeout must be between 5 and 1440 minutes";
}

}  // namespace mock

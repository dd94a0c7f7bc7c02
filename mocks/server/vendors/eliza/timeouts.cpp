#include "vendors/eliza/timeouts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "vendors/eliza/javascript.h"

namespace mock {

namespace {

constexpr double kShortest = 5;
constexpr double kMax = 1440;

constexpr std::array<const char*, 3> kNumbers{"timeoutMinutes", "maxDurationMinutes",
                                              "warningThresholdMinutes"};

// The member, finite, or nothing: it then takes its default.
std::optional<double> number_in(const Json& json, const char* name, bool as_server) {
  const auto found = json.find(name);
  if (found == json.end() || !(as_server || found->is_number())) return std::nullopt;
  const double value = javascript::number(*found);
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

}  // namespace

TimeoutConfig clamped(const Json& json, bool as_server) {
  TimeoutConfig config;
  if (!json.is_object()) return config;
  if (const auto wanted = number_in(json, "timeoutMinutes", as_server)) {
    config.timeout_minutes = std::clamp(*wanted, kShortest, kMax);
  }
  if (const auto wanted = number_in(json, "maxDurationMinutes", as_server)) {
    config.max_duration_minutes = std::max(config.timeout_minutes, std::min(2 * kMax, *wanted));
  }
  if (const auto wanted = number_in(json, "warningThresholdMinutes", as_server)) {
    config.warning_threshold_minutes = std::max(1.0, *wanted);
  }
  const auto renew = json.find("autoRenew");
  if (renew != json.end() && (as_server || renew->is_boolean())) config.auto_renew = *renew;
  return config;
}

std::string problem_with_timeout(const Json& json, bool as_server) {
  constexpr const char* kWrongForm = "Invalid timeout configuration format";
  if (!json.is_object()) return json.is_array() ? "" : kWrongForm;
  for (const char* name : kNumbers) {
    const auto found = json.find(name);
    if (found == json.end() || found->is_number()) continue;
    if (!as_server || !found->is_string()) return kWrongForm;
  }
  const auto renew = json.find("autoRenew");
  if (renew != json.end() && !renew->is_boolean()) return kWrongForm;
  const double timeout = number_in(json, "timeoutMinutes", as_server).value_or(kShortest);
  if (timeout >= kShortest && timeout <= kMax) return "";
  return "Timeout must be between 5 and 1440 minutes";
}

}  // namespace mock

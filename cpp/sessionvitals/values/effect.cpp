#include "sessionvitals/effect.h"

#include <algorithm>
#include <array>

namespace sessionvitals {

namespace {

bool may_have_left(const Attempt& one, bool is_counted) {
  if (one.bytes_sent > 0) return true;
  const bool is_sending = one.phase == Phase::send || one.phase == Phase::receive;
  if (!is_counted) return is_sending || one.phase == Phase::done;
  // With TLS, bytes may be on their way that the count does not show yet.
  return is_sending && !one.tls_version.empty();
}

}  // namespace

std::string_view effect_name(Effect effect) {
  constexpr std::array<std::string_view, 3> kNames = {"none", "idempotent", "once"};
  return kNames[static_cast<std::size_t>(effect)];
}

bool may_have_taken_effect(Effect effect, int http_status) {
  const bool is_refusal = http_status >= 400 && http_status < 500 && http_status != 408;
  return effect != Effect::none && !is_refusal;
}

bool may_have_taken_effect(Effect effect, const CallReport& report, bool is_counted) {
  return std::ranges::any_of(report.attempts, [=](const Attempt& one) {
    return may_have_left(one, is_counted) && may_have_taken_effect(effect, one.http_status);
  });
}

}  // namespace sessionvitals

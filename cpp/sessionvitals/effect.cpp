#include "sessionvitals/effect.h"

#include <algorithm>
#include <array>

namespace sessionvitals {

namespace {

bool may_have_left(const Try& one) {
  if (one.bytes_sent > 0) return true;
  // With TLS, bytes may be on their way that the count does not show yet.
  const bool is_sending = one.phase == Phase::send || one.phase == Phase::receive;
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

bool may_have_taken_effect(Effect effect, const CallReport& report) {
  return std::ranges::any_of(report.tries, [effect](const Try& one) {
    return may_have_left(one) && may_have_taken_effect(effect, one.http_status);
  });
}

}  // namespace sessionvitals

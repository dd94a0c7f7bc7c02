#pragma once

#include <string_view>

#include "sessionvitals/report.h"

/// What a call can change at the vendor, and what is known of it after a failure.
/// Whether a request may be sent a second time follows from this, never from its
/// HTTP method and never from the vendor.
namespace sessionvitals {

enum class Effect {
  none,        // a read
  idempotent,  // twice is the same as once (RFC 9110 s9.2.2)
  once,        // twice may be two: never sent again after a byte may have left
};

/// Returns the effect's name, as it is spelled above.
std::string_view effect_name(Effect effect);

/// Returns true if a request that was answered with that HTTP status may have
/// changed something: a 4xx other than 408 says that it has not.
bool may_have_taken_effect(Effect effect, int http_status);

/// The same for all attempts of a call, of which some may not have been answered. If
/// no bytes were counted, an attempt that got to the phase send may have sent some.
bool may_have_taken_effect(Effect effect, const CallReport& report, bool is_counted = true);

}  // namespace sessionvitals

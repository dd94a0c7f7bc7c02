#pragma once

#include "sessionvitals/context.h"
#include "sessionvitals/engine/call/retry.h"
#include "sessionvitals/engine/drivers/wait.h"
#include "sessionvitals/errors.h"
#include "sessionvitals/http.h"
#include "sessionvitals/report.h"

/// What the two kinds of call (call.h, custom_call.h) decide and say alike.
namespace sessionvitals::engine {

/// Why an attempt waited in front of a closed gate.
inline constexpr std::string_view kGateReason = "an earlier 429 asked all calls to wait";
inline constexpr std::string_view kGateRefusal =
    "not sent: an earlier 429 asked all calls to wait, longer than this call may";

/// Returns the wall clock's time.
Timestamp wall_clock();

/// Decides with a jitter of its own and the process's budget, from which a retry is
/// taken. `call` tells calls of the same moment apart.
RetryDecision decide_within_budget(RetryQuestion question, const std::vector<Header>& headers,
                                   Clock::time_point now, const void* call);

/// Returns what a call fails with that its deadline or its caller has ended.
Error ended_early(WakeReason why, Phase phase);

/// Returns what a call is answered with that cannot wait until the gate opens.
Response refused_by_gate(Clock::duration until_open);

}  // namespace sessionvitals::engine

#pragma once

#include "sessionvitals/context.h"
#include "sessionvitals/engine/call/call.h"

/// The driver of one call: moves it in its caller's thread, by poll.
namespace sessionvitals::engine {

/// Moves the call until it is done, hands over a piece of a streamed body, or is
/// ended by the context. Never returns `waiting`.
Call::Progress drive(Call& call, const Context& context);

}  // namespace sessionvitals::engine

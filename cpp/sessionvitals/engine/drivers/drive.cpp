#include "sessionvitals/engine/drivers/drive.h"

namespace sessionvitals::engine {

Call::Progress drive(Call& call, const Context& context) {
  if (context.is_cancelled()) call.end(WakeReason::cancelled);
  if (Clock::now() >= context.deadline) call.end(WakeReason::deadline);
  // A cancel is no signal: only a poll sees it.
  const bool may_block = context.cancel == nullptr && context.stop == nullptr;
  const auto how = may_block ? Call::Receive::may_block : Call::Receive::at_once;
  WaitSet waiting;
  for (;;) {
    const Call::Progress progress = call.step(how, waiting);
    if (progress != Call::Progress::waiting) return progress;
    if (const WakeReason woken = wait_for(waiting, context); woken != WakeReason::go_on)
      call.end(woken);
  }
}

}  // namespace sessionvitals::engine

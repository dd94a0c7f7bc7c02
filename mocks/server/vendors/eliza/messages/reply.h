// How an elizaOS agent replies to a message: the space's agent says what, and after how long.
#pragma once

#include <string_view>

#include "vendors/eliza/session.h"
#include "vendors/vendor.h"

namespace mock {

/// The answer to a message that is stored, or its first piece, or a wait for the agent. It reads
/// userMessage and sessionStatus in the call's progress.
Answer eliza_begin_reply(Call& call, ElizaSession& session, std::string_view transport);

/// What comes next of a reply that has begun.
Answer eliza_go_on_replying(Call& call);

}  // namespace mock

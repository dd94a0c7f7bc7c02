// elizaOS's two messages calls.
#pragma once

#include "vendors/vendor.h"

namespace mock {

/// POST messages, by each of its transports.
Answer eliza_send_message(Call& call);
Answer eliza_get_messages(Call& call);

}  // namespace mock

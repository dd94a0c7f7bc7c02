// What elizaOS does for each of its sessions calls, once key, limits and the route are settled.
#pragma once

#include "vendors/eliza/session.h"
#include "vendors/vendor.h"

namespace mock {

/// The session when it is there and alive; else null, and `refused` has the answer.
ElizaSession* eliza_find_live(const Call& call, Answer& refused);

Answer eliza_get(Call& call);
Answer eliza_list(Call& call);
Answer eliza_health(Call& call);
Answer eliza_create(Call& call);
Answer eliza_renew(Call& call);
Answer eliza_heartbeat(Call& call);
Answer eliza_update_timeout(Call& call);
Answer eliza_delete(Call& call);

}  // namespace mock

// What elizaOS does for each of its sessions calls, once key, limits and the route are settled.
#pragma once

#include "vendors/eliza/session.h"
#include "vendors/vendor.h"

namespace mock {

Answer eliza_get(Call& call);
Answer eliza_list(Call& call);
Answer eliza_health(Call& call);
Answer eliza_create(Call& call);
Answer eliza_renew(Call& call);
Answer eliza_heartbeat(Call& call);
Answer eliza_update_timeout(Call& call);
Answer eliza_delete(Call& call);

}  // namespace mock

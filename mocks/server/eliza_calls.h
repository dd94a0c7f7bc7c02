// What elizaOS does for each of its sessions calls, once key, limits and the route are settled.
#pragma once

#include "eliza_session.h"
#include "vendor.h"

namespace mock {

Answer eliza_get(Call& call);
Answer eliza_list(Call& call);
Answer eliza_health(Call& call);
Answer eliza_create(Call& call);
Answer eliza_renew(Call& call);
Answer eliza_heartbeat(Call& call);
Answer eliza_change_timeout(Call& call);
Answer eliza_delete(Call& call);

/// Wrong or missing key, as the server with a token says it.
Answer eliza_key_refused(const Call& call);
Answer eliza_bad_escape(const Call& call);
Answer eliza_limited(const Call& call);
Answer eliza_scripted(const Call& call, int http_status);

}  // namespace mock

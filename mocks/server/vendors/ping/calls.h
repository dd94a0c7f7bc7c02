// What Ping does for each of its calls, once key, rate limit and the route are settled.
#pragma once

#include "vendors/vendor.h"

namespace mock {

// calls.cpp
Answer ping_status(Call& call);
Answer ping_zones(Call& call);
Answer ping_create(Call& call);
Answer ping_pause(Call& call);
Answer ping_resume(Call& call);

// events.cpp
Answer ping_events(Call& call);

// limits.cpp; what the limits are of is the last segment of the route's path
Answer ping_limits(Call& call);
Answer ping_update_limits(Call& call);
Answer ping_delete_limits(Call& call);

}  // namespace mock

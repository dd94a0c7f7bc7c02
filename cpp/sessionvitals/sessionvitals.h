#pragma once

/// All of sessionvitals. Read on from client.h.

#include "sessionvitals/client/bulk.h"
#include "sessionvitals/client/bulk_table.h"
#include "sessionvitals/client/client.h"
#include "sessionvitals/client/composed/eliza_lookups.h"
#include "sessionvitals/client/composed/rotating_client.h"
#include "sessionvitals/client/eliza_client.h"
#include "sessionvitals/client/ping_client.h"
#include "sessionvitals/client/tiun_client.h"
#include "sessionvitals/client/tiun_gate.h"
#include "sessionvitals/version.h"
#include "sessionvitals/watch/keeper.h"
#include "sessionvitals/watch/watch.h"

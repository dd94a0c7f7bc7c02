#pragma once

/// All of sessionvitals. Read on from client.h.

#include "sessionvitals/bulk.h"
#include "sessionvitals/bulk_table.h"
#include "sessionvitals/bulk_thread.h"
#include "sessionvitals/client.h"
#include "sessionvitals/eliza_client.h"
#include "sessionvitals/ping_client.h"
#include "sessionvitals/tiun_client.h"

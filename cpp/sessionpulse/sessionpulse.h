#pragma once

/// All of sessionpulse. Read on from client.h.

#include "sessionpulse/bulk.h"
#include "sessionpulse/bulk_table.h"
#include "sessionpulse/bulk_thread.h"
#include "sessionpulse/client.h"
#include "sessionpulse/eliza_client.h"
#include "sessionpulse/ping_client.h"
#include "sessionpulse/tiun_client.h"

// What of a request and its answer the journal keeps.
#pragma once

#include "journal/journal.h"
#include "journal/redact.h"

namespace mock {

/// Fills in the entry's texts, without secrets and within their bounds. `answer` is null when
/// nothing was answered.
void keep_messages(Entry& entry, const Request& request, const Answer* answer, Secrets secrets);

}  // namespace mock

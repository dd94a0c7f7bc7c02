#pragma once

#include "clients/arguments.h"

namespace sessionvitals::python {

/// Returns the settings with certifi's file as the last place of CAs, where nothing else has any
/// and certifi can be imported.
ClientSettings with_certifi(ClientSettings settings);

}  // namespace sessionvitals::python

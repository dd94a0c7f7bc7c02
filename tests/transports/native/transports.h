#pragma once

#include <memory>
#include <string>

#include "sessionvitals/transport.h"

/// Returns the transport of that name; nullptr for "own", the library's connections.
std::shared_ptr<const sessionvitals::Transport> transport_named(const std::string& name,
                                                                const std::string& ca_file);

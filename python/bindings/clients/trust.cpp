#include <string>

#include "clients/arguments.h"
#include "sessionvitals/engine/tls/trust.h"

namespace sessionvitals::python {

ClientSettings with_certifi(ClientSettings settings) {
  if (!engine::find_trust_places(settings.transport).empty()) return settings;
  const py::object find = py::module_::import("sessionvitals.options").attr("find_certifi");
  settings.transport.fallback_ca_file = find().cast<std::string>();
  return settings;
}

}  // namespace sessionvitals::python

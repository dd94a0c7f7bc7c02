#include "sessionvitals/providers/maple.h"

#include <pybind11/stl.h>

#include "bindings.h"
#include "clients/client_class.h"
#include "sessionvitals/client/maple_client.h"
#include "values/value_class.h"

namespace sessionvitals::python {

template <>
struct ValueName<MapleSap> {
  static constexpr auto text = py::detail::const_name("sessionvitals._core.MapleSap");
};

void bind_maple(py::module_& module) {
  ValueClass<MapleSap>(module, "MapleSap", "Maple's answer about a tree.")
      .field<&MapleSap::session_id>("session_id")
      .required()
      .field<&MapleSap::sap>("sap", "The vendor's word: frozen or running.")
      .required()
      .call_field<&MapleSap::call>()
      .finish();

  ClientClass<MapleClient>(module, "MapleClient", "Asks Maple.")
      .operation("sap", "Return what the tree's sap does.",
                 [](const MapleClient&) { return maple::kSap; })
      .python_class()
      .def(py::init([](std::optional<std::string> api_key, std::optional<std::string> base_url,
                       const ClientSettings& settings) {
             return checked(MapleClient({.api_key = std::move(api_key),
                                         .base_url = std::move(base_url),
                                         .transport = settings.transport,
                                         .call = settings.call}));
           }),
           py::arg("api_key"), py::arg("base_url"), py::arg("settings"));
}

}  // namespace sessionvitals::python

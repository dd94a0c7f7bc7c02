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

namespace {

/// How Python's arguments become a credential.
struct MapleKey {
  static Credential make(const GivenText& api_key) {
    return {.key = read_text("api_key", api_key), .style = ""};
  }
  static auto names() { return std::make_tuple(py::arg("api_key")); }
};

}  // namespace

void bind_maple(py::module_& module) {
  ValueClass<MapleSap>(module, "MapleSap", "Maple's answer about a tree.")
      .field<&MapleSap::session_id>("session_id")
      .required()
      .field<&MapleSap::sap>("sap", "The vendor's word: frozen or running.")
      .required()
      .call_field<&MapleSap::call>()
      .finish();

  ClientClass<MapleClient, MapleKey> client(module, providers::maple, "MapleClient", "Asks Maple.");
  client.operation<maple::kSap>("Return what the tree's sap does.");
  client.python_class().def(
      py::init([](const GivenOptionalText& api_key, const GivenOptionalText& base_url,
                  const Options& options) {
        ClientSettings settings = to_client_settings(options);
        return checked(MapleClient({.api_key = read_optional_text("api_key", api_key),
                                    .base_url = read_optional_text("base_url", base_url),
                                    .transport = std::move(settings.transport),
                                    .call = std::move(settings.call)}));
      }),
      py::arg("api_key"), py::kw_only(), py::arg("base_url"));
}

}  // namespace sessionvitals::python

#include "sessionvitals/client/client.h"

#include <pybind11/typing.h>

#include "bindings.h"
#include "values/casters.h"

namespace sessionvitals::python {

void bind_client(py::module_& module) {
  module.def(
      "provider_names",
      [] {
        py::typing::Tuple<py::str, py::ellipsis> names((py::tuple(all_providers().size())));
        std::size_t i = 0;
        for (const Provider* provider : all_providers()) {
          names[i++] = py::str(std::string(provider->name));
        }
        return names;
      },
      "Return the names of the providers there are, in alphabetical order.");
  module.def(
      "error_kinds",
      [] {
        py::typing::Dict<py::str, py::int_> kinds;
        for (const ErrorKindInfo& kind : error_kinds()) {
          kinds[to_text(kind.class_name)] = py::int_(kind.http_status);
        }
        return kinds;
      },
      "Return the class of every kind of error, and the HTTP status it stands for, or 0.");
}

}  // namespace sessionvitals::python

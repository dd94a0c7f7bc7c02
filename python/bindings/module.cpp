#include "bindings.h"
#include "runtime/logging.h"
#include "runtime/making.h"

// Its one reactor and its caches are the process's, so it belongs to one interpreter.
PYBIND11_MODULE(_core, module, pybind11::multiple_interpreters::not_supported()) {
  using namespace sessionvitals::python;
  module.doc() = "The compiled half of sessionvitals. Import sessionvitals instead.";
  module.attr("__version__") = SESSIONVITALS_VERSION;
  module.attr("MAX_CLOCK_SKEW") = kMaxClockSkew;
  install_exit_hook();
  guard_base();
  bind_values(module);
  bind_client(module);
  bind_bulk(module);
  bind_watch(module);
  bind_tiun(module);
  bind_ping(module);
  bind_eliza(module);
  bind_keeper(module);
  bind_engine(module);
  bind_wire(module);
  bind_json(module);
  bind_watch_inspection(module);
  guard_classes(module);
}

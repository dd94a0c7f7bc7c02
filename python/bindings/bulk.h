#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <string>
#include <utility>

#include <pybind11/typing.h>

#include "bindings.h"
#include "sessionpulse/bulk.h"

/// What became of one id of a bulk, as Python sees it.
namespace sessionpulse::python {

struct PythonOutcome {
  std::string id;
  std::shared_ptr<Session> session;  // nullptr if there is an error
  py::object error;                  // None if there is a session
};

/// A bulk on its way, with the GIL given up while it waits.
class PythonBulk {
 public:
  PythonBulk(const Client& client, const BulkOptions& options) : bulk_(client, options) {
    if (const Error* error = bulk_.configuration_error()) raise(*error);
  }

  std::size_t room() const { return bulk_.room(); }
  bool is_over() const { return bulk_.is_over(); }
  void finish() { bulk_.finish(); }
  void add(const py::list& ids);
  py::typing::List<PythonOutcome> take();

 private:
  BulkProbe bulk_;
};

}  // namespace sessionpulse::python

#pragma once

#include <pybind11/pybind11.h>

#include <chrono>
#include <memory>
#include <string_view>

#include "bindings.h"

/// Tells sessionpulse.logs of calls that are over, in the thread that made them.
/// Where nobody has imported logging, that costs one look into sys.modules.
namespace sessionpulse::python {

/// Returns true if the logger "sessionpulse" shows records of that level.
bool is_log_enabled(int level);

/// Has a call that is over logged. `error` is an exception, or None.
void log_call(std::string_view provider, std::string_view operation, std::string_view session_id,
              const std::shared_ptr<const CallReport>& call, const py::object& error);

/// Logs how a call ended, if somebody listens.
template <class T>
void log_result(std::string_view provider, std::string_view operation, std::string_view session_id,
                const Result<T>& result) {
  // logging's numbers: DEBUG for what went as it should, WARNING for the most that is ever said.
  constexpr int kDebug = 10;
  constexpr int kWarning = 30;
  constexpr std::chrono::seconds kMostSkew{60};  // as in logs.py, which warns of more
  if (PyErr_Occurred() != nullptr) return;       // Ctrl-C has the word
  const auto& call = result ? result->call : result.error().call();
  const bool is_plain =
      result &&
      (call == nullptr || (call->tries.size() <= 1 && std::chrono::abs(call->clock_skew.value_or(
                                                          std::chrono::seconds(0))) <= kMostSkew));
  if (!is_log_enabled(is_plain ? kDebug : kWarning)) return;
  log_call(provider, operation, session_id, call,
           result ? py::none() : to_exception(result.error()));
}

}  // namespace sessionpulse::python

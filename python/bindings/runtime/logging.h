#pragma once

#include <pybind11/pybind11.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>

#include "bindings.h"

/// Tells sessionvitals.logs of calls that are over, in the thread that made them.
/// Where nobody has imported logging, that costs one look into sys.modules.
namespace sessionvitals::python {

/// In seconds. A clock that differs from a server's by more is warned of: session times mean
/// little then.
inline constexpr int kMaxClockSkew = 60;

// logging's numbers.
inline constexpr int kDebug = 10;
inline constexpr int kWarning = 30;

/// Returns true if the logger "sessionvitals" shows records of that level.
bool is_log_enabled(int level);

/// Has a call that is over logged, with the session it was about, if it was about
/// one. `error` is an exception, or None.
void log_call(std::string_view provider, std::string_view operation,
              std::optional<std::string_view> session_id,
              const std::shared_ptr<const CallReport>& call, const py::object& error);

/// Who listens, asked once for many calls.
struct LogLevels {
  bool to_plain;   // to calls that went as they should: DEBUG
  bool to_others;  // to all others, which say WARNING at most
};
LogLevels find_log_levels();

/// Returns true if a call that was answered went as it should: at the first attempt,
/// and with a clock like ours.
bool is_routine(const CallReport* call);

/// Logs how a call ended, if `listening` includes it. `error` is its exception.
template <class T>
void log_result(std::string_view provider, std::string_view operation,
                std::optional<std::string_view> session_id, const Result<T>& result,
                const LogLevels& listening, const py::object& error) {
  const auto& call = result ? result->call : result.error().call();
  const bool is_plain = result && is_routine(call.get());
  if (!(is_plain ? listening.to_plain : listening.to_others)) return;
  log_call(provider, operation, session_id, call, error);
}

/// The same for a single call, whose exception is made for it.
template <class T>
void log_result(std::string_view provider, std::string_view operation,
                std::optional<std::string_view> session_id, const Result<T>& result) {
  if (PyErr_Occurred() != nullptr) return;  // Ctrl-C has the word
  const bool is_plain = result && is_routine(result->call.get());
  if (!is_log_enabled(is_plain ? kDebug : kWarning)) return;
  const auto& call = result ? result->call : result.error().call();
  log_call(provider, operation, session_id, call,
           result ? py::none() : to_exception(result.error()));
}

}  // namespace sessionvitals::python

#include "clients/arguments.h"

#include <datetime.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <span>
#include <string_view>
#include <utility>

#include "runtime/gil.h"

namespace sessionvitals::python {

namespace {

[[noreturn]] void raise_configuration(std::string message) {
  raise(Error(ErrorKind::configuration_error, std::move(message)));
}

std::string to_utf8(const char* name, const py::handle& text) {
  Py_ssize_t size = 0;
  const char* utf8 = PyUnicode_AsUTF8AndSize(text.ptr(), &size);
  if (utf8 != nullptr) return {utf8, static_cast<std::size_t>(size)};
  PyErr_Clear();
  raise_configuration(std::string(name) +
                      " has a lone surrogate: pass it as it was before it was cut.");
}

double read_seconds(const char* name, const py::handle& given) {
  if (PyDateTimeAPI == nullptr) PyDateTime_IMPORT;
  if (PyFloat_Check(given.ptr()) != 0) return PyFloat_AS_DOUBLE(given.ptr());
  if (PyDelta_Check(given.ptr()) != 0) return given.attr("total_seconds")().cast<double>();
  if (PyLong_Check(given.ptr()) == 0 || PyBool_Check(given.ptr()) != 0) {
    raise_wrong_type(name, given, "seconds, or a datetime.timedelta");
  }
  const double seconds = PyLong_AsDouble(given.ptr());
  if (seconds != -1.0 || PyErr_Occurred() == nullptr) return seconds;
  PyErr_Clear();
  return std::numeric_limits<double>::infinity();  // which no option allows
}

// What no int can hold is out of every option's range, too.
long read_number(const char* name, const py::handle& given) {
  if (PyLong_Check(given.ptr()) == 0 || PyBool_Check(given.ptr()) != 0) {
    raise_wrong_type(name, given, "a whole number");
  }
  int overflow = 0;
  const long number = PyLong_AsLongAndOverflow(given.ptr(), &overflow);
  return overflow == 0 ? number : -1;
}

// A path, as the system has it: str, bytes or os.PathLike.
std::string read_path(const char* name, const py::handle& given) {
  PyObject* bytes = nullptr;
  if (PyUnicode_FSConverter(given.ptr(), &bytes) == 0) {
    const bool is_wrong_type = PyErr_ExceptionMatches(PyExc_TypeError) != 0;
    PyErr_Clear();
    if (is_wrong_type) raise_wrong_type(name, given, "a path");
    raise_configuration(std::string(name) +
                        " is no path: it has a lone surrogate or a null character.");
  }
  return py::reinterpret_steal<py::bytes>(bytes);
}

/// Who takes an option.
enum class Taker { client, call, stream, bulk_or_stream };

/// One option: who takes it, and how it is read into `settings`.
struct Option {
  std::string_view name;
  Taker taker;  // all others than views take those of calls as well
  void (*read)(const char* name, const py::handle& given, ClientSettings& settings);
};

constexpr Option kOptions[] = {
    {"ca_file", Taker::client,
     [](const char* name, const py::handle& given, ClientSettings& settings) {
       settings.transport.ca_file = read_path(name, given);
     }},
    {"cancel", Taker::call,
     [](const char* name, const py::handle& given, ClientSettings& settings) {
       if (!py::isinstance<CancelToken>(given)) raise_wrong_type(name, given, "a CancelToken");
       settings.call.cancel = given.cast<CancelToken>();
     }},
    {"client_certificate_file", Taker::client,
     [](const char* name, const py::handle& given, ClientSettings& settings) {
       settings.transport.client_certificate_file = read_path(name, given);
     }},
    {"client_key_file", Taker::client,
     [](const char* name, const py::handle& given, ClientSettings& settings) {
       settings.transport.client_key_file = read_path(name, given);
     }},
    {"deadline", Taker::bulk_or_stream,
     [](const char* name, const py::handle& given, ClientSettings& settings) {
       settings.deadline = std::chrono::duration<double>(read_seconds(name, given));
     }},
    {"idle_timeout", Taker::stream,
     [](const char* name, const py::handle& given, ClientSettings& settings) {
       settings.idle_timeout = std::chrono::duration<double>(read_seconds(name, given));
     }},
    {"max_connections", Taker::client,
     [](const char* name, const py::handle& given, ClientSettings& settings) {
       settings.transport.max_connections = static_cast<std::size_t>(read_number(name, given));
     }},
    {"max_retries", Taker::call,
     [](const char* name, const py::handle& given, ClientSettings& settings) {
       const long number = read_number(name, given);
       settings.call.max_retries = std::in_range<int>(number) ? static_cast<int>(number) : -1;
     }},
    {"proxy", Taker::client,
     [](const char* name, const py::handle& given, ClientSettings& settings) {
       settings.transport.proxy = read_text(name, given);
     }},
    {"reconnect_after", Taker::stream,
     [](const char* name, const py::handle& given, ClientSettings& settings) {
       settings.reconnect_after = std::chrono::duration<double>(read_seconds(name, given));
     }},
    {"resend_unsafe", Taker::call,
     [](const char* name, const py::handle& given, ClientSettings& settings) {
       settings.call.resend_unsafe = read_flag(name, given);
     }},
    {"retry_patch", Taker::call,
     [](const char* name, const py::handle& given, ClientSettings& settings) {
       settings.call.retry_patch = read_flag(name, given);
     }},
    {"timeout", Taker::call,
     [](const char* name, const py::handle& given, ClientSettings& settings) {
       settings.call.timeout = std::chrono::duration<double>(read_seconds(name, given));
     }},
    {"traceparent", Taker::call,
     [](const char* name, const py::handle& given, ClientSettings& settings) {
       settings.call.traceparent = read_text(name, given);
     }},
    {"tracestate", Taker::call,
     [](const char* name, const py::handle& given, ClientSettings& settings) {
       settings.call.tracestate = read_text(name, given);
     }},
    {"trust_env", Taker::client,
     [](const char* name, const py::handle& given, ClientSettings& settings) {
       settings.transport.trust_env = read_flag(name, given);
     }},
};

template <class Takes>
[[noreturn]] void raise_unknown(std::string_view name, Takes takes) {
  std::string message = "unknown option '" + std::string(name) + "' (known:";
  const char* separator = " ";
  for (const Option& option : kOptions) {
    if (!takes(option)) continue;
    message.append(separator).append(option.name);
    separator = ", ";
  }
  throw py::type_error(message + ")");
}

/// Reads the options that `takes` says are there; None is as good as left out.
template <class Takes>
void read_options(const py::kwargs& options, ClientSettings& settings, Takes takes) {
  for (const auto& [key, given] : options) {
    const std::string name = to_utf8("the name of an option", key);
    const Option* found = nullptr;
    for (const Option& option : kOptions) {
      if (option.name == name && takes(option)) found = &option;
    }
    if (found == nullptr) raise_unknown(name, takes);
    if (!given.is_none()) found->read(name.c_str(), given, settings);
  }
}

template <class Takes>
ClientSettings read_settings(const py::kwargs& options, Takes takes) {
  ClientSettings settings;
  if (!options.empty()) read_options(options, settings, takes);
  settings.call.is_interrupted = &is_interrupted;
  return settings;
}

bool is_of_calls(const Option& option) { return option.taker == Taker::call; }

}  // namespace

void raise_wrong_type(const std::string& name, const py::handle& given,
                      const std::string& instead) {
  const auto type = py::type::handle_of(given).attr("__name__").cast<std::string>();
  raise_configuration(name + " is of type " + type + ": pass " + instead + ".");
}

void raise_unusable(const std::string& name, const std::string& problem) {
  // A problem of a value within names the value's class and field, and a colon.
  const bool is_within = problem.find(": ") != std::string::npos;
  raise_configuration(name + (is_within ? ": " : " ") + problem + ".");
}

std::string read_text(const char* name, const py::handle& given) {
  if (PyUnicode_Check(given.ptr()) == 0) raise_wrong_type(name, given, "a str");
  std::string text = to_utf8(name, given);
  if (text.empty()) raise_configuration(std::string(name) + " is empty: pass it, or leave it out.");
  return text;
}

std::optional<std::string> read_optional_text(const char* name, const py::handle& given) {
  if (given.is_none()) return std::nullopt;
  return read_text(name, given);
}

std::size_t read_concurrency(const py::handle& given) {
  const long number = read_number("concurrency", given);
  if (number < 0) raise_unusable("concurrency", "must be from 1 to 4096");
  return static_cast<std::size_t>(number);
}

bool read_flag(const char* name, const py::handle& given) {
  if (PyBool_Check(given.ptr()) == 0) raise_wrong_type(name, given, "True or False");
  return given.ptr() == Py_True;
}

std::string to_session_id(const py::handle& session_id) {
  if (PyUnicode_Check(session_id.ptr()) == 0) {
    raise_wrong_type("The session id", session_id, "the id that the vendor gave, a str");
  }
  return to_utf8("The session id", session_id);
}

CallOptions to_call_options(const py::kwargs& options) {
  return read_settings(options, is_of_calls).call;
}

CallOptions to_awaited_options(const py::kwargs& options) {
  const auto takes = [](const Option& option) {
    return is_of_calls(option) && option.name != "cancel";
  };
  return read_settings(options, takes).call;
}

ClientSettings to_bulk_settings(const py::kwargs& options) {
  return read_settings(options, [](const Option& option) {
    return is_of_calls(option) || option.taker == Taker::bulk_or_stream;
  });
}

StreamOptions to_stream_options(const py::kwargs& options) {
  ClientSettings settings =
      read_settings(options, [](const Option& option) { return option.taker != Taker::client; });
  StreamOptions stream{.call = std::move(settings.call), .deadline = settings.deadline};
  stream.idle_timeout = settings.idle_timeout.value_or(stream.idle_timeout);
  stream.reconnect_after = settings.reconnect_after.value_or(stream.reconnect_after);
  return stream;
}

ClientSettings to_client_settings(const py::kwargs& options) {
  const auto takes = [](const Option& o) { return is_of_calls(o) || o.taker == Taker::client; };
  return with_certifi(read_settings(options, takes));
}

}  // namespace sessionvitals::python

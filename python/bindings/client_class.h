#pragma once

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <optional>
#include <string>
#include <utility>

#include "bindings.h"
#include "bulk.h"
#include "sessionpulse/client.h"

/// What the clients of all vendors have in common on the Python side.
namespace sessionpulse::python {

/// How a client carries its calls, as the Python constructors collect it.
struct ClientSettings {
  TransportOptions transport;
  CallOptions call;
};

/// Returns the id as UTF-8. Raises ConfigurationError for what is not text.
std::string to_session_id(const py::object& session_id);

/// What a call was given, with Python's signals as its interrupt.
CallOptions to_call_options(std::optional<double> deadline, std::optional<int> max_retries,
                            std::optional<bool> retry_patch, std::optional<CancelToken> cancel);

/// Runs `call` without the GIL.
template <class Call>
auto unlocked(Call&& call) {
  const py::gil_scoped_release release;
  return std::forward<Call>(call)();
}

/// Raises what is wrong with a new client.
template <class AnyClient>
AnyClient checked(AnyClient client) {
  if (const auto& error = client.configuration_error()) raise(*error);
  return client;
}

template <class AnyClient>
class ClientClass {
 public:
  ClientClass(const py::module_& module, const char* name, const char* doc)
      : class_(module, name, doc) {
    class_.def_property_readonly("base_url", [](const AnyClient& self) { return self.base_url(); });
    class_.def(
        "with_options",
        [](const AnyClient& self, std::optional<double> deadline, std::optional<int> max_retries,
           std::optional<bool> retry_patch, std::optional<CancelToken> cancel) {
          return checked(self.with_options(
              to_call_options(deadline, max_retries, retry_patch, std::move(cancel))));
        },
        py::arg("deadline") = py::none(), py::arg("max_retries") = py::none(),
        py::arg("retry_patch") = py::none(), py::arg("cancel") = py::none(),
        "Return a client that differs in the options given, and shares the connections.");
    class_.def(
        "bulk_probe",
        [](const AnyClient& self, std::size_t concurrency, bool ordered,
           std::optional<double> deadline, std::optional<int> max_retries,
           std::optional<CancelToken> cancel) {
          return std::make_unique<PythonBulk>(
              self, BulkOptions{.concurrency = concurrency,
                                .ordered = ordered,
                                .call = to_call_options(deadline, max_retries, std::nullopt,
                                                        std::move(cancel))});
        },
        py::arg("concurrency"), py::arg("ordered"), py::arg("deadline") = py::none(),
        py::arg("max_retries") = py::none(), py::arg("cancel") = py::none(),
        "Return a bulk on its way. See Client.probe_many.");
    operation("probe", "Return the session's state in the vocabulary of all providers.",
              [](const AnyClient& client, const std::string& id, const CallOptions& options) {
                return client.probe(id, options);
              });
  }

  py::class_<AnyClient>& python_class() { return class_; }

  /// Defines a method that asks about one session: `call(client, id, options)`.
  template <class Call>
  ClientClass& operation(const char* name, const char* doc, Call call) {
    class_.def(
        name,
        [call](const AnyClient& self, const py::object& session_id, std::optional<double> deadline,
               std::optional<int> max_retries, std::optional<bool> retry_patch,
               std::optional<CancelToken> cancel) {
          const std::string id = to_session_id(session_id);
          const CallOptions options =
              to_call_options(deadline, max_retries, retry_patch, std::move(cancel));
          return value_or_raise(unlocked([&] { return call(self, id, options); }));
        },
        py::arg("session_id"), py::arg("deadline") = py::none(),
        py::arg("max_retries") = py::none(), py::arg("retry_patch") = py::none(),
        py::arg("cancel") = py::none(), doc);
    return *this;
  }

 private:
  py::class_<AnyClient> class_;
};

/// Returns a response as the pure parsers take it, from what any HTTP library
/// gives: headers as a mapping or as pairs.
Response to_response(int http_status, const py::object& headers, const py::bytes& body);

}  // namespace sessionpulse::python

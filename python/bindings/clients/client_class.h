#pragma once

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <optional>
#include <string>
#include <utility>

#include "bindings.h"
#include "clients/bulk.h"
#include "clients/channel.h"
#include "runtime/logging.h"
#include "sessionvitals/client/client.h"
#include "values/value_object.h"

/// What the clients of all vendors have in common on the Python side.
namespace sessionvitals::python {

/// How a client carries its calls, as the Python constructors collect it.
struct ClientSettings {
  TransportOptions transport;
  CallOptions call;
};

/// Returns the id as UTF-8. Raises ConfigurationError for what is not text.
std::string to_session_id(const py::object& session_id);

/// What a call was given, with Python's signals as its interrupt.
CallOptions to_call_options(std::optional<double> deadline, std::optional<int> max_retries,
                            std::optional<bool> resend_unsafe, std::optional<bool> retry_patch,
                            std::optional<CancelToken> cancel);

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
    class_.def_property_readonly(
        "deadline",
        [](const AnyClient& self) {
          return self.call_options().deadline.value_or(kDefaultDeadline).count();
        },
        "Of a call that names none, in seconds.");
    class_.def_property_readonly(
        "cancel", [](const AnyClient& self) { return self.call_options().cancel; },
        "The token of all calls, or None.");
    class_.def(
        "with_options",
        [](const AnyClient& self, std::optional<double> deadline, std::optional<int> max_retries,
           std::optional<bool> resend_unsafe, std::optional<bool> retry_patch,
           std::optional<CancelToken> cancel) {
          return checked(self.with_options(to_call_options(deadline, max_retries, resend_unsafe,
                                                           retry_patch, std::move(cancel))));
        },
        py::arg("deadline") = py::none(), py::arg("max_retries") = py::none(),
        py::arg("resend_unsafe") = py::none(), py::arg("retry_patch") = py::none(),
        py::arg("cancel") = py::none(),
        "Return a client that differs in the options given, and shares the connections.");
    operation("probe", "Return the session's state in the vocabulary of all providers.",
              [](const AnyClient& client) { return client.provider().probe; });
    define_bulk();
  }

  py::class_<AnyClient>& python_class() { return class_; }

  /// Defines two methods for the operation that `choose(client)` returns: `name`, a
  /// literal, which waits for the answer, and `begin_name`, which has it put in a channel.
  template <class Choose>
  ClientClass& operation(const char* name, const char* doc, Choose choose) {
    class_.def(
        name,
        [choose, name](const AnyClient& self, const py::object& session_id,
                       std::optional<double> deadline, std::optional<int> max_retries,
                       std::optional<bool> resend_unsafe, std::optional<bool> retry_patch,
                       std::optional<CancelToken> cancel) {
          const SessionId id{to_session_id(session_id)};
          const CallOptions options =
              to_call_options(deadline, max_retries, resend_unsafe, retry_patch, std::move(cancel));
          auto result = unlocked([&] { return self.call(choose(self), id, options); });
          log_result(self.provider().name, name, id.value, result);
          return value_or_raise(std::move(result));
        },
        py::arg("session_id"), py::arg("deadline") = py::none(),
        py::arg("max_retries") = py::none(), py::arg("resend_unsafe") = py::none(),
        py::arg("retry_patch") = py::none(), py::arg("cancel") = py::none(), doc);
    class_.def((std::string("begin_") + name).c_str(),
               [choose](const AnyClient& self, const std::shared_ptr<Channel>& channel,
                        std::uint64_t token, const py::object& session_id,
                        std::optional<double> deadline, std::optional<int> max_retries,
                        std::optional<bool> resend_unsafe, std::optional<bool> retry_patch) {
                 return begin(self, choose(self), channel, token, {to_session_id(session_id)},
                              to_call_options(deadline, max_retries, resend_unsafe, retry_patch,
                                              std::nullopt));
               },
               py::arg("channel"), py::arg("token"), py::arg("session_id"),
               py::arg("deadline") = py::none(), py::arg("max_retries") = py::none(),
               py::arg("resend_unsafe") = py::none(), py::arg("retry_patch") = py::none(),
               "Have the answer put in the channel; return the number to cancel by.");
    return *this;
  }

 private:
  template <class Op>
  static std::uint64_t begin(const AnyClient& client, const Op& operation,
                             const std::shared_ptr<Channel>& channel, std::uint64_t token,
                             typename Op::Question question, const CallOptions& options) {
    using Answer = typename Op::Answer;
    return unlocked([&] {
      return client.begin(
          operation, std::move(question), options, [channel, token](Result<Answer> result) {
            channel->put(std::make_unique<ResultCompletion<Answer>>(token, std::move(result)));
          });
    });
  }

  void define_bulk() {
    class_.def(
        "bulk_probe",
        [](const AnyClient& self, std::size_t concurrency, bool ordered,
           std::optional<double> deadline, std::optional<int> max_retries,
           std::optional<bool> resend_unsafe, std::optional<CancelToken> cancel,
           const std::optional<std::shared_ptr<Channel>>& channel) {
          return std::make_unique<PythonBulk>(
              self,
              BulkOptions{.concurrency = concurrency,
                          .ordered = ordered,
                          .call = to_call_options(deadline, max_retries, resend_unsafe,
                                                  std::nullopt, std::move(cancel))},
              channel.value_or(nullptr));
        },
        py::arg("concurrency"), py::arg("ordered"), py::arg("deadline") = py::none(),
        py::arg("max_retries") = py::none(), py::arg("resend_unsafe") = py::none(),
        py::arg("cancel") = py::none(), py::arg("channel") = py::none(),
        "Return the calls for probe_many; a channel is signalled when outcomes are there.");
  }

  py::class_<AnyClient> class_;
};

inline bool is_anything(PyObject*) { return true; }

/// Arguments whose type we check ourselves: pybind11 would quote all the others,
/// a key that a peer sent back among them.
class GivenInt : public py::object {
  PYBIND11_OBJECT_DEFAULT(GivenInt, object, is_anything)
};
class GivenBytes : public py::object {
  PYBIND11_OBJECT_DEFAULT(GivenBytes, object, is_anything)
};

/// Returns a response as the pure parsers take it, from what any HTTP library
/// gives: headers as a mapping or as pairs. Raises ConfigurationError for another
/// type than it should be.
Response to_response(const GivenInt& http_status, const py::object& headers,
                     const GivenBytes& body);

}  // namespace sessionvitals::python

namespace pybind11::detail {

template <>
struct handle_type_name<sessionvitals::python::GivenInt> {
  static constexpr auto name = const_name("int");
};
template <>
struct handle_type_name<sessionvitals::python::GivenBytes> {
  static constexpr auto name = const_name("bytes");
};

}  // namespace pybind11::detail

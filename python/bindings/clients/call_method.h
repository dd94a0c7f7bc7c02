#pragma once

#include <pybind11/pybind11.h>

#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>

#include "bindings.h"
#include "clients/arguments.h"
#include "clients/by_place.h"
#include "runtime/logging.h"
#include "sessionvitals/client/client.h"
#include "values/page.h"
#include "values/value_object.h"

/// The method of a client that makes a call and waits for its answer.
namespace sessionvitals::python {

/// `Choose` is a function object: it returns the operation of a client.
template <class AnyClient, class Choose, class Make>
class CallMethod;

template <class AnyClient, class Choose, class Question, class... Given>
class CallMethod<AnyClient, Choose, Question (*)(Given...)> {
 public:
  static constexpr std::size_t kCount = sizeof...(Given);

  template <class... Names>
  static void define(const py::class_<AnyClient>& type, const std::string& name, const char* doc,
                     const Names&... names) {
    ByPlace<CallMethod>::define(type, py::cpp_function(&call_with_options, py::name(name.c_str()),
                                                       py::is_method(type), names..., doc));
  }

  static py::object call(PyObject* self, PyObject* const* given) {
    return call_by_place(self, given, std::index_sequence_for<Given...>());
  }

 private:
  static auto call_with_options(const AnyClient& self, Given... given, const Options& options) {
    return *ask(self, Arguments<Question>::make(given...), to_call_options(options));
  }

  template <std::size_t... kPlaces>
  static py::object call_by_place(PyObject* self, [[maybe_unused]] PyObject* const* given,
                                  std::index_sequence<kPlaces...>) {
    auto answer =
        ask(object_of<AnyClient>(self),
            Arguments<Question>::make(read_argument<std::remove_cvref_t<Given>>(given, kPlaces)...),
            CallOptions());
    return py::cast(*std::move(answer));
  }

  // Returns a value, or raises.
  static auto ask(const AnyClient& client, const Question& question, const CallOptions& options) {
    const auto& operation = Choose()(client);
    auto result = without_gil([&] { return client.call(operation, question, options); });
    log_result(client.provider().name, operation.name, session_id_of(question), result);
    if (!result) raise(result.error());
    return result;
  }
};

}  // namespace sessionvitals::python

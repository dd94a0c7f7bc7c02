#pragma once

#include <pybind11/pybind11.h>

#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>

#include "bindings.h"
#include "clients/arguments.h"
#include "clients/by_place.h"
#include "sessionvitals/operation.h"
#include "values/page.h"
#include "values/value_object.h"

/// The pure function parse_NAME_response() of an operation.
namespace sessionvitals::python {

template <const auto& kOperation, class Make>
class ParseFunction;

template <const auto& kOperation, class Question, class... Given>
class ParseFunction<kOperation, Question (*)(Given...)> {
  using Answer = typename std::remove_cvref_t<decltype(kOperation)>::Answer;
  using Parsed = std::conditional_t<std::is_same_v<Answer, NoContent>, py::none, Answer>;

  static constexpr std::size_t kOfResponse = 3;

 public:
  static constexpr std::size_t kCount = kOfResponse + sizeof...(Given);

  template <class... Names>
  static void define(py::module_& module, const std::string& name, const std::string& doc,
                     const Names&... names) {
    ByPlace<ParseFunction>::define(
        module, py::cpp_function(&parse_generally, py::name(name.c_str()), py::scope(module),
                                 py::arg("http_status"), py::arg("headers"), py::arg("body"),
                                 names..., doc.c_str()));
  }

  static py::object call(PyObject*, PyObject* const* given) {
    return call_by_place(given, std::index_sequence_for<Given...>());
  }

 private:
  // Returns a value, or raises.
  static Result<Answer> parse(const GivenInt& http_status, const py::object& headers,
                              const GivenBytes& body, Given... given) {
    const GivenResponse given_response(http_status, headers, body);
    const Response& response = *given_response;
    auto answer = kOperation.parse(Arguments<Question>::make(given...), response);
    if (!answer) {
      answer.error().set_may_have_taken_effect(
          may_have_taken_effect(kOperation.effect, response.http_status));
      raise(answer.error());
    }
    return answer;
  }

  // The same with the type that the signature shows.
  static Parsed parse_generally(const GivenInt& http_status, const py::object& headers,
                                const GivenBytes& body, Given... given) {
    Result<Answer> answer = parse(http_status, headers, body, given...);
    if constexpr (std::is_same_v<Answer, NoContent>) {
      return py::none();
    } else {
      return *std::move(answer);
    }
  }

  template <std::size_t... kPlaces>
  static py::object call_by_place(PyObject* const* given, std::index_sequence<kPlaces...>) {
    Result<Answer> answer =
        parse(read_argument<GivenInt>(given, 0), read_argument<py::object>(given, 1),
              read_argument<GivenBytes>(given, 2),
              read_argument<std::remove_cvref_t<Given>>(given, kOfResponse + kPlaces)...);
    if constexpr (std::is_same_v<Answer, NoContent>) {
      return py::none();
    } else {
      return py::cast(*std::move(answer));
    }
  }
};

}  // namespace sessionvitals::python

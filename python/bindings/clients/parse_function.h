#pragma once

#include <pybind11/pybind11.h>

#include <array>
#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>

#include "bindings.h"
#include "clients/arguments.h"
#include "sessionvitals/operation.h"
#include "values/guarded.h"
#include "values/page.h"
#include "values/value_object.h"

/// The pure function parse_NAME_response() of an operation.
namespace sessionvitals::python {

template <const auto& kOperation, class Make>
class ParseFunction;

/// Reads an answer in a few hundred nanoseconds, of which pybind11's own way to a function would
/// be a fifth. It has that way for the names and the defaults of arguments, and for complaints; a
/// call that passes all arguments by their places is read here.
template <const auto& kOperation, class Question, class... Given>
class ParseFunction<kOperation, Question (*)(Given...)> {
  using Answer = typename std::remove_cvref_t<decltype(kOperation)>::Answer;
  using Parsed = std::conditional_t<std::is_same_v<Answer, NoContent>, py::none, Answer>;

 public:
  template <class... Names>
  static void define(py::module_& module, const std::string& name, const std::string& doc,
                     const Names&... names) {
    general_ = py::cpp_function(&parse_generally, py::name(name.c_str()), py::scope(module),
                                py::arg("http_status"), py::arg("headers"), py::arg("body"),
                                names..., doc.c_str())
                   .release()
                   .ptr();
    // Never freed: the interpreter keeps pointers to both.
    const auto* kept =
        new std::array{name, py::handle(general_).attr("__doc__").cast<std::string>()};
    definition_ = {(*kept)[0].c_str(),
                   reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&call)),
                   METH_FASTCALL | METH_KEYWORDS, (*kept)[1].c_str()};
    const py::object module_name = module.attr("__name__");
    module.add_object(name.c_str(), py::reinterpret_steal<py::object>(PyCFunction_NewEx(
                                        &definition_, nullptr, module_name.ptr())));
  }

 private:
  static constexpr std::size_t kOfResponse = 3;

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

  static PyObject* call(PyObject*, PyObject* const* given, Py_ssize_t count, PyObject* names) {
    constexpr auto kAll = static_cast<Py_ssize_t>(kOfResponse + sizeof...(Given));
    if (names != nullptr || count != kAll) {
      return PyObject_Vectorcall(general_, given, static_cast<std::size_t>(count), names);
    }
    return guarded([&] { return call_by_place(given, std::index_sequence_for<Given...>()); });
  }

  template <std::size_t... kPlaces>
  static py::object call_by_place(PyObject* const* given, std::index_sequence<kPlaces...>) {
    Result<Answer> answer =
        parse(at<GivenInt>(given, 0), at<py::object>(given, 1), at<GivenBytes>(given, 2),
              at<std::remove_cvref_t<Given>>(given, kOfResponse + kPlaces)...);
    if constexpr (std::is_same_v<Answer, NoContent>) {
      return py::none();
    } else {
      return py::cast(*std::move(answer));
    }
  }

  template <class Object>
  static Object at(PyObject* const* given, std::size_t place) {
    static_assert(std::is_base_of_v<py::object, Object>, "nothing that pybind11 has to convert");
    return py::reinterpret_borrow<Object>(given[place]);
  }

  static inline PyObject* general_ = nullptr;
  static inline PyMethodDef definition_{};
};

}  // namespace sessionvitals::python

#pragma once

#include <pybind11/pybind11.h>

#include <algorithm>
#include <cstddef>
#include <tuple>

#include "clients/arguments.h"
#include "values/value_class.h"

/// How the arguments of a Python method become a struct: by a list of its members.
///
///     template <>
///     struct Arguments<PingNewSession>
///         : MemberArguments<PingNewSession,                            //
///                           Required<"client_id", &PingNewSession::client_id>,
///                           Optional<"reusable", &PingNewSession::reusable>> {};
///
/// Each value is read as the field of a value of that type is (kinds.h). One that
/// cannot be used is a ConfigurationError that names the argument and quotes none.
namespace sessionvitals::python {

/// Text as a template argument.
template <std::size_t kSize>
struct ArgumentName {
  consteval ArgumentName(const char (&name)[kSize]) { std::copy_n(name, kSize, text); }
  char text[kSize];
};

/// An argument of any type, which signatures show as a T.
template <class T>
class Argument : public py::object {
  PYBIND11_OBJECT_DEFAULT(Argument, object, is_anything)
};

template <ArgumentName kName, auto kMember, bool kIsRequired>
struct MemberArgument {
  using Type = decltype(type_of(kMember));

  template <class Question>
  static void take(Question& question, const py::handle& given) {
    try {
      question.*kMember = Kind<Type>::take(given);
    } catch (const py::builtin_exception& problem) {  // a type_error or value_error of kinds.h
      raise_unusable(kName.text, problem.what());
    }
  }

  template <class Question>
  static auto name() {
    if constexpr (kIsRequired) {
      return py::arg(kName.text);
    } else {
      return py::arg(kName.text) = Kind<Type>::get(Question{}.*kMember);
    }
  }
};

template <ArgumentName kName, auto kMember>
using Required = MemberArgument<kName, kMember, true>;

/// One that may be left out: it is then as in a fresh question.
template <ArgumentName kName, auto kMember>
using Optional = MemberArgument<kName, kMember, false>;

template <class Question, class... Members>
struct MemberArguments {
  static Question make(const Argument<typename Members::Type>&... given) {
    Question question;
    (Members::take(question, given), ...);
    return question;
  }
  static auto names() { return std::make_tuple(Members::template name<Question>()...); }
};

/// What signatures call the type of an argument.
template <class T>
struct ArgumentType;

template <>
struct ArgumentType<std::string> {
  static constexpr auto text = py::detail::const_name("str");
};
template <>
struct ArgumentType<bool> {
  static constexpr auto text = py::detail::const_name("bool");
};
template <std::integral T>
struct ArgumentType<T> {
  static constexpr auto text = py::detail::const_name("int");
};
template <>
struct ArgumentType<double> {
  static constexpr auto text = py::detail::const_name("float");
};
template <>
struct ArgumentType<Timestamp> {
  static constexpr auto text = py::detail::const_name("datetime.datetime | str");
};
template <class Rep, class Period>
struct ArgumentType<std::chrono::duration<Rep, Period>> {
  static constexpr auto text = py::detail::const_name("datetime.timedelta");
};
template <>
struct ArgumentType<JsonText> {
  static constexpr auto text = py::detail::const_name("typing.Any");
};
template <IsValue T>
struct ArgumentType<T> {
  static constexpr auto text = ValueName<T>::text;
};
template <class T>
struct ArgumentType<std::optional<T>> {
  static constexpr auto text = ArgumentType<T>::text + py::detail::const_name(" | None");
};
template <class T>
struct ArgumentType<std::vector<T>> {
  static constexpr auto text = py::detail::const_name("list[") + ArgumentType<T>::text +
                               py::detail::const_name("] | tuple[") + ArgumentType<T>::text +
                               py::detail::const_name(", ...]");
};

}  // namespace sessionvitals::python

namespace pybind11::detail {

template <class T>
struct handle_type_name<sessionvitals::python::Argument<T>> {
  static constexpr auto name = sessionvitals::python::ArgumentType<T>::text;
};

}  // namespace pybind11::detail

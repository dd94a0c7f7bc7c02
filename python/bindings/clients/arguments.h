#pragma once

#include <pybind11/pybind11.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <tuple>

#include "bindings.h"
#include "sessionvitals/client/client.h"
#include "sessionvitals/http.h"
#include "sessionvitals/streams/event_stream.h"

/// What Python passes to the clients, read with checks of our own: pybind11's complaint
/// about one argument quotes all the others, a key or a session id among them. Every
/// function here raises ConfigurationError and names the argument.
namespace sessionvitals::python {

inline bool is_anything(PyObject*) { return true; }

/// Arguments of any type, which signatures show as the type they should be.
class GivenText : public py::object {
  PYBIND11_OBJECT_DEFAULT(GivenText, object, is_anything)
};
class GivenOptionalText : public py::object {
  PYBIND11_OBJECT_DEFAULT(GivenOptionalText, object, is_anything)
};
class GivenFlag : public py::object {
  PYBIND11_OBJECT_DEFAULT(GivenFlag, object, is_anything)
};
class GivenInt : public py::object {
  PYBIND11_OBJECT_DEFAULT(GivenInt, object, is_anything)
};
class GivenBytes : public py::object {
  PYBIND11_OBJECT_DEFAULT(GivenBytes, object, is_anything)
};

/// The options of a call, a view or a client, by name.
using Options = py::KWArgs<py::object>;

/// Raises a ConfigurationError: "NAME is of type TYPE: pass INSTEAD".
[[noreturn]] void raise_wrong_type(const std::string& name, const py::handle& given,
                                   const std::string& instead);

/// Raises a ConfigurationError: "NAME PROBLEM."
[[noreturn]] void raise_unusable(const std::string& name, const std::string& problem);

/// Returns text, which must not be empty.
std::string read_text(const char* name, const py::handle& given);

/// Returns text, or nothing for None.
std::optional<std::string> read_optional_text(const char* name, const py::handle& given);

bool read_flag(const char* name, const py::handle& given);

/// Returns how many calls of a bulk may run at once; whether it may have so many is the core's to
/// say.
std::size_t read_concurrency(const py::handle& given);

/// Returns the id as UTF-8; whether it can be sent is the provider's to say.
std::string to_session_id(const py::handle& session_id);

/// How a client makes its calls, as the Python constructors collect it.
struct ClientSettings {
  TransportOptions transport;
  CallOptions call;
  std::optional<std::chrono::duration<double>> deadline;         // of a bulk or a stream
  std::optional<std::chrono::duration<double>> idle_timeout;     // of a stream
  std::optional<std::chrono::duration<double>> reconnect_after;  // of a stream
};

/// The options of a call or a view. Raises TypeError for a name that there is not.
/// Python's signal handlers are its interrupt.
CallOptions to_call_options(const py::kwargs& options);

/// The same for a call that asyncio awaits, and cancels by its task.
CallOptions to_awaited_options(const py::kwargs& options);

/// The options of a bulk: those of a call, for each id, and its deadline.
ClientSettings to_bulk_settings(const py::kwargs& options);

/// The options of a stream: those of a call, for each opening, and its own.
StreamOptions to_stream_options(const py::kwargs& options);

/// The options of a client.
ClientSettings to_client_settings(const py::kwargs& options);

/// Returns the settings with certifi's file as the last place of CAs, where nothing else has any
/// and certifi can be imported.
ClientSettings with_certifi(ClientSettings settings);

/// A response as the pure parsers take it, from what any HTTP library gives: headers as
/// a mapping or as pairs. The next of this thread is read into the memory of the last.
class GivenResponse {
 public:
  GivenResponse(const GivenInt& http_status, const py::object& headers, const GivenBytes& body);
  ~GivenResponse();
  GivenResponse(const GivenResponse&) = delete;
  GivenResponse& operator=(const GivenResponse&) = delete;

  const Response& operator*() const { return *response_; }

 private:
  void read_pair(const py::handle& item, std::size_t place);

  std::unique_ptr<Response>& spare_;  // this thread's; asked for once, as that takes a call
  std::unique_ptr<Response> response_;
};

/// How Python's arguments become a question: make() has a parameter for each, and
/// names() names them. A new type of question is one specialisation; for a struct it
/// is a list of its members (question_arguments.h).
template <class Question>
struct Arguments;

template <>
struct Arguments<NoQuestion> {
  static NoQuestion make() { return {}; }
  static auto names() { return std::tuple(); }
};

template <>
struct Arguments<SessionId> {
  static SessionId make(const GivenText& session_id) { return {to_session_id(session_id)}; }
  static auto names() { return std::make_tuple(py::arg("session_id")); }
};

}  // namespace sessionvitals::python

namespace pybind11::detail {

template <>
struct handle_type_name<sessionvitals::python::GivenText> {
  static constexpr auto name = const_name("str");
};
template <>
struct handle_type_name<sessionvitals::python::GivenOptionalText> {
  static constexpr auto name = const_name("str | None");
};
template <>
struct handle_type_name<sessionvitals::python::GivenFlag> {
  static constexpr auto name = const_name("bool");
};
template <>
struct handle_type_name<sessionvitals::python::GivenInt> {
  static constexpr auto name = const_name("int");
};
template <>
struct handle_type_name<sessionvitals::python::GivenBytes> {
  static constexpr auto name = const_name("bytes");
};

}  // namespace pybind11::detail

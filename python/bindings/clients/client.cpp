#include "sessionvitals/client/client.h"

#include "bindings.h"
#include "clients/client_class.h"
#include "values/casters.h"

namespace sessionvitals::python {

namespace {

std::string to_utf8(const py::handle& text, const char* name) {
  const auto bytes =
      py::reinterpret_steal<py::bytes>(PyUnicode_AsEncodedString(text.ptr(), "utf-8", "strict"));
  if (bytes) return bytes;
  PyErr_Clear();
  raise(Error(ErrorKind::configuration_error,
              std::string("The ") + name +
                  " has a lone surrogate, which no URL can carry: pass "
                  "the text as it was before it was cut."));
}

[[noreturn]] void raise_wrong_type(const char* what, const py::handle& given, const char* instead) {
  const auto type = py::type::handle_of(given).attr("__name__").cast<std::string>();
  raise(Error(ErrorKind::configuration_error,
              std::string("The ") + what + " is of type " + type + ": pass " + instead + "."));
}

std::string header_text(const py::handle& text) {
  if (PyBytes_Check(text.ptr()) != 0) return py::reinterpret_borrow<py::bytes>(text);
  if (PyUnicode_Check(text.ptr()) == 0) raise_wrong_type("header", text, "str or bytes");
  if (PyUnicode_IS_COMPACT_ASCII(text.ptr())) {
    return {static_cast<const char*>(PyUnicode_DATA(text.ptr())),
            static_cast<std::size_t>(PyUnicode_GET_LENGTH(text.ptr()))};
  }
  // Header values are bytes that most libraries hand out as Latin-1.
  const auto bytes =
      py::reinterpret_steal<py::bytes>(PyUnicode_AsEncodedString(text.ptr(), "latin-1", "replace"));
  if (!bytes) throw py::error_already_set();
  return bytes;
}

int to_http_status(const GivenInt& given) {
  constexpr const char* kInstead = "the answer's, an int from 100 to 999";
  if (PyLong_Check(given.ptr()) == 0) raise_wrong_type("HTTP status", given, kInstead);
  const long status = PyLong_AsLong(given.ptr());
  if (status >= 100 && status <= 999) return static_cast<int>(status);
  PyErr_Clear();
  raise(Error(ErrorKind::configuration_error,
              std::string("The HTTP status is out of range: pass ") + kInstead + "."));
}

}  // namespace

std::string to_session_id(const py::object& session_id) {
  if (PyUnicode_Check(session_id.ptr()) == 0) {
    raise_wrong_type("session id", session_id, "the id that the vendor gave, a str");
  }
  Py_ssize_t size = 0;
  const char* text = PyUnicode_AsUTF8AndSize(session_id.ptr(), &size);
  if (text != nullptr) return {text, static_cast<std::size_t>(size)};
  PyErr_Clear();
  return to_utf8(session_id, "session id");
}

CallOptions to_call_options(std::optional<double> deadline, std::optional<int> max_retries,
                            std::optional<bool> resend_unsafe, std::optional<bool> retry_patch,
                            std::optional<CancelToken> cancel) {
  CallOptions options;
  if (deadline) options.deadline = std::chrono::duration<double>(*deadline);
  options.max_retries = max_retries;
  options.resend_unsafe = resend_unsafe;
  options.retry_patch = retry_patch;
  options.cancel = std::move(cancel);
  options.is_interrupted = &is_interrupted;
  return options;
}

Response to_response(const GivenInt& http_status, const py::object& headers,
                     const GivenBytes& body) {
  if (PyBytes_Check(body.ptr()) == 0) raise_wrong_type("body", body, "the answer's, as bytes");
  Response response{.http_status = to_http_status(http_status),
                    .headers = {},
                    .body = py::reinterpret_borrow<py::bytes>(body)};
  const bool is_list = PyList_CheckExact(headers.ptr()) != 0;
  const py::object pairs =
      !is_list && py::hasattr(headers, "items") ? headers.attr("items")() : headers;
  for (const auto& item : pairs) {
    // Not by a cast, whose complaint would quote the pair.
    const bool is_pair = PyTuple_Check(item.ptr()) != 0 || PyList_Check(item.ptr()) != 0;
    if (!is_pair || PySequence_Size(item.ptr()) != 2) {
      raise_wrong_type("header", item, "pairs of a name and a value, or a mapping");
    }
    const auto pair = py::reinterpret_borrow<py::sequence>(item);
    response.headers.push_back(
        {header_text(py::object(pair[0])), header_text(py::object(pair[1]))});
  }
  return response;
}

void bind_client(py::module_& module) {
  py::class_<ClientSettings>(module, "ClientSettings",
                             "How a client carries its calls; None means the default.")
      .def(py::init([](std::optional<double> deadline, std::optional<int> max_retries,
                       std::optional<bool> resend_unsafe, std::optional<bool> retry_patch,
                       std::optional<CancelToken> cancel, std::string ca_file,
                       std::string client_certificate_file, std::string client_key_file,
                       std::string proxy, bool trust_env,
                       std::optional<std::size_t> max_connections) {
             ClientSettings settings{
                 .transport = {.ca_file = std::move(ca_file),
                               .client_certificate_file = std::move(client_certificate_file),
                               .client_key_file = std::move(client_key_file),
                               .proxy = std::move(proxy),
                               .trust_env = trust_env},
                 .call = to_call_options(deadline, max_retries, resend_unsafe, retry_patch,
                                         std::move(cancel)),
             };
             if (max_connections) settings.transport.max_connections = *max_connections;
             return settings;
           }),
           py::kw_only(), py::arg("deadline") = py::none(), py::arg("max_retries") = py::none(),
           py::arg("resend_unsafe") = py::none(), py::arg("retry_patch") = py::none(),
           py::arg("cancel") = py::none(), py::arg("ca_file") = "",
           py::arg("client_certificate_file") = "", py::arg("client_key_file") = "",
           py::arg("proxy") = "", py::arg("trust_env") = true,
           py::arg("max_connections") = py::none());

  module.def(
      "provider_names",
      [] {
        py::typing::Tuple<py::str, py::ellipsis> names((py::tuple(all_providers().size())));
        std::size_t i = 0;
        for (const Provider* provider : all_providers()) {
          names[i++] = py::str(std::string(provider->name));
        }
        return names;
      },
      "Return the names of the providers there are, in alphabetical order.");
  module.def(
      "vocabulary",
      [](const std::string& name) {
        const Provider* provider = find_provider(name);
        if (provider == nullptr) throw py::value_error("no provider of that name: " + name);
        py::typing::Dict<py::str, py::str> words;
        for (const Word& word : provider->vocabulary) {
          words[py::str(std::string(word.theirs))] = to_text(state_name(word.ours));
        }
        return words;
      },
      py::arg("provider"),
      "Return every word the provider documents for a state, and ours for it.");
}

}  // namespace sessionvitals::python

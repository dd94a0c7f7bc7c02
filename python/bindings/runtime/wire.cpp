#include <pybind11/stl.h>
#include <pybind11/typing.h>

#include "bindings.h"
#include "sessionvitals/client/client.h"
#include "sessionvitals/engine/http/encode.h"
#include "sessionvitals/engine/http/event_splitter.h"
#include "sessionvitals/engine/http/message_reader.h"
#include "values/casters.h"

/// HTTP as the engine writes and reads it, and a stream that is no vendor's, for
/// tests to look at.
namespace sessionvitals::python {

namespace {

using Headers = std::vector<std::pair<py::bytes, py::bytes>>;
using Events = py::typing::List<py::tuple>;

py::tuple to_tuple(const engine::Event& event, std::size_t left) {
  if (const auto* head = std::get_if<engine::Head>(&event)) {
    py::list headers;
    for (const Header& header : head->headers) {
      headers.append(py::make_tuple(py::bytes(header.name), py::bytes(header.value)));
    }
    return py::make_tuple("head", head->http_status, headers, head->keeps_alive);
  }
  if (const auto* data = std::get_if<engine::Data>(&event)) {
    return py::make_tuple("data", py::bytes(data->bytes.data(), data->bytes.size()));
  }
  if (const auto* violation = std::get_if<Violation>(&event)) {
    return py::make_tuple("violation", violation->expected, violation->found);
  }
  return py::make_tuple("end", left);
}

Events read_response(const std::vector<py::bytes>& pieces, const std::string& method,
                     std::size_t body_limit) {
  engine::MessageReader reader;
  reader.start(method, body_limit);
  Events events;
  std::string received;
  for (std::size_t given = 0; given <= pieces.size(); ++given) {
    const bool is_closed = given == pieces.size();
    if (!is_closed) received += std::string_view(pieces[given]);
    std::string_view unread = received;
    for (bool needs_data = false; !needs_data;) {
      const engine::Event event = is_closed ? reader.next_at_close(unread) : reader.next(unread);
      needs_data = std::holds_alternative<engine::NeedData>(event);
      if (!needs_data) events.append(to_tuple(event, unread.size()));
      if (std::holds_alternative<engine::End>(event) || std::holds_alternative<Violation>(event)) {
        return events;
      }
    }
    received.erase(0, received.size() - unread.size());
  }
  events.append(py::make_tuple("cut"));
  return events;
}

py::bytes write_request(const std::string& method, const std::string& target,
                        const Headers& headers, const std::string& body,
                        const std::string& target_prefix, const std::string& host,
                        const std::string& proxy_authorization) {
  Request request{.method = method, .target = target, .headers = {}, .body = body};
  for (const auto& [name, value] : headers) {
    request.headers.push_back({std::string(name), std::string(value)});
  }
  std::string wire;
  if (auto error =
          engine::append_request(request, {target_prefix, host, proxy_authorization}, wire)) {
    raise(*error);
  }
  return wire;
}

py::tuple to_tuple(const ServerSentEvent& event) {
  return py::make_tuple(py::bytes(event.type), py::bytes(event.data), py::bytes(event.id));
}

py::tuple split_events(const std::vector<py::bytes>& pieces) {
  engine::EventSplitter splitter;
  py::list items;
  for (const py::bytes& piece : pieces) {
    const auto bytes = std::string_view(piece);
    for (std::string_view unread = bytes;;) {
      const auto item = splitter.next(unread);
      if (const auto* violation = std::get_if<Violation>(&item)) {
        items.append(py::make_tuple("violation", violation->expected));
        return py::make_tuple(items, splitter.retry());
      }
      const auto* event = std::get_if<ServerSentEvent>(&item);
      if (event == nullptr) break;
      items.append(to_tuple(*event));
    }
  }
  return py::make_tuple(items, splitter.retry());
}

/// A stream of any server's, its events as they come.
constexpr Stream<std::string, ServerSentEvent> kAnyStream{
    .name = "any_stream",
    .effect = Effect::none,
    .build = [](const std::string& target, const Credential&) -> Result<Request> {
      return Request{.method = "GET",
                     .target = target,
                     .headers = {{"Accept", "text/event-stream"}},
                     .body = {}};
    },
    .parse_event = [](const std::string&, const ServerSentEvent& event) -> Result<ServerSentEvent> {
      return event;
    },
    .parse_error =
        [](const std::string&, const Response& response) {
          ErrorResponse refusal;
          refusal.http_status = response.http_status;
          refusal.body = response.body;
          return Error("The server refused the stream.", std::move(refusal));
        }};

void follow_stream(const std::string& base_url, const std::string& target,
                   const py::function& on_event, double timeout, double idle_timeout,
                   std::optional<CancelToken> cancel) {
  CallOptions options;
  options.timeout = std::chrono::duration<double>(timeout);
  options.max_retries = 0;
  options.cancel = std::move(cancel);
  options.is_interrupted = &is_interrupted;
  const auto idle = std::chrono::ceil<Clock::duration>(std::chrono::duration<double>(idle_timeout));
  const Client client(*find_provider("ping"), {.key = "a-key", .base_url = base_url});
  auto events = value_or_raise(without_gil(
      [&] { return client.open(kAnyStream, target, options, {.idle_timeout = idle}); }));
  for (;;) {
    const auto event = value_or_raise(without_gil([&] { return events.next(); }));
    if (!event) return;
    on_event(to_tuple(*event));
  }
}

}  // namespace

void bind_wire(py::module_& module) {
  module.def("inspect_response", &read_response, py::arg("pieces"), py::kw_only(),
             py::arg("method") = "GET", py::arg("body_limit") = kDefaultBodyLimit,
             "Return the events of a response that comes in these pieces, followed by a close.");
  module.def("inspect_request", &write_request, py::arg("method"), py::arg("target"),
             py::arg("headers") = Headers(), py::arg("body") = "", py::kw_only(),
             py::arg("target_prefix") = "", py::arg("host") = "localhost",
             py::arg("proxy_authorization") = "",
             "Return a request as it goes on the wire. Raises ConfigurationError.");
  module.def("inspect_events", &split_events, py::arg("pieces"),
             "Return the events of a text/event-stream that comes in these pieces, and its retry.");
  module.def("inspect_stream", &follow_stream, py::arg("base_url"), py::arg("target"),
             py::arg("on_event"), py::kw_only(), py::arg("timeout") = 10.0,
             py::arg("idle_timeout") = 90.0, py::arg("cancel") = py::none(),
             "Open a stream and call on_event with each of its events, until it ends or fails.");
}

}  // namespace sessionvitals::python

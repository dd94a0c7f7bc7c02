#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "awaiting/channel.h"
#include "awaiting/inbox.h"
#include "awaiting/pending_answer.h"
#include "bindings.h"
#include "clients/arguments.h"
#include "runtime/logging.h"
#include "sessionvitals/streams/event_stream.h"
#include "values/value_object.h"

/// A vendor's stream on the Python side: waited for, or begun for an event loop.
namespace sessionvitals::python {

/// Returns an item as Python has it, or None.
template <class Item>
py::object item_or_none(std::optional<Item>&& item) {
  return item ? py::cast(*std::move(item)) : py::none();
}
template <class... Items>
py::object item_or_none(std::optional<std::variant<Items...>>&& item) {
  if (!item) return py::none();
  return std::visit([](auto&& one) { return py::cast(std::forward<decltype(one)>(one)); },
                    *std::move(item));
}

/// Logs the error that a stream ends with, as a call's is; its events are not calls.
inline void log_stream_error(const Channel::CallSubject& subject, const Error& error,
                             const LogLevels& listening, const py::object& exception) {
  if (error.kind() == ErrorKind::call_cancelled || !listening.to_others) return;
  log_call(subject.provider, subject.operation, subject.session_id, error.call(), exception);
}

template <class Item>
class StreamCompletion final : public Channel::Completion {
 public:
  StreamCompletion(std::uint64_t token, Channel::CallSubject subject,
                   Result<std::optional<Item>>&& result)
      : Completion(token), subject_(std::move(subject)), result_(std::move(result)) {}

  py::object error() override { return result_ ? py::none() : to_exception(result_.error()); }
  void log(const LogLevels& listening, const py::object& error) override {
    if (!result_) log_stream_error(subject_, result_.error(), listening, error);
  }
  py::object answer() override { return item_or_none<Item>(*std::move(result_)); }

 private:
  Channel::CallSubject subject_;
  Result<std::optional<Item>> result_;
};

/// One stream of a client's. After close() it gives nothing more.
template <class Item>
class PythonStream {
 public:
  PythonStream(EventStream<Item> stream, Channel::CallSubject subject)
      : stream_(std::make_shared<EventStream<Item>>(std::move(stream))),
        subject_(std::move(subject)) {}
  ~PythonStream() { close(); }
  PythonStream(const PythonStream&) = delete;
  PythonStream& operator=(const PythonStream&) = delete;

  py::object next() {
    if (!stream_) return py::none();
    auto item = without_gil([stream = stream_] { return stream->next(); });
    if (PyErr_Occurred() != nullptr) throw py::error_already_set();  // Ctrl-C
    if (item) return item_or_none<Item>(*std::move(item));
    if (const LogLevels listening = find_log_levels(); listening.to_others) {
      log_stream_error(subject_, item.error(), listening, to_exception(item.error()));
    }
    raise(item.error());
  }

  PendingAnswer begin_next(Inbox& inbox) {
    PendingAnswer pending = inbox.expect();
    const auto done = [channel = inbox.channel(), ticket = pending.fields().ticket,
                       subject = subject_](Result<std::optional<Item>> item) {
      channel->put(std::make_unique<StreamCompletion<Item>>(ticket, subject, std::move(item)));
    };
    if (stream_) {
      without_gil([&, stream = stream_] { stream->begin_next(done); });
    } else {
      done(std::optional<Item>());
    }
    return pending;
  }

  void close() {
    if (!stream_) return;
    stream_->close();
    without_gil([stream = std::move(stream_)]() mutable { stream.reset(); });
  }

  bool is_over() const { return !stream_ || stream_->is_over(); }

  void use(const Client& client) {
    if (!stream_) return;
    if (const auto error = stream_->use(client)) raise(*error);
  }

 private:
  std::shared_ptr<EventStream<Item>> stream_;  // shared with a wait of another thread
  Channel::CallSubject subject_;
};

/// Binds the class of a stream of that client's.
template <class AnyClient, class Item>
void bind_stream(py::module_& module, const char* name, const char* doc) {
  using Class = PythonStream<Item>;
  py::class_<Class>(module, name, doc, py::is_final())
      .def("next", &Class::next, "Wait for the next item; None at the end.")
      .def("begin_next", &Class::begin_next, py::arg("inbox"),
           "Return what the task of an event loop awaits the next item by; None at the end.")
      .def_property_readonly("is_over", &Class::is_over,
                             "Whether the last wait gave the end, or the error it ended with.")
      .def("close", &Class::close, "End the stream; a wait that is under way is cancelled.")
      .def(
          "use", [](Class& self, const AnyClient& client) { self.use(client); }, py::arg("client"),
          "Go on with another client's key.");
}

}  // namespace sessionvitals::python

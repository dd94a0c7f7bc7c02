#pragma once

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "awaiting/channel.h"
#include "awaiting/inbox.h"
#include "bindings.h"
#include "clients/arguments.h"
#include "clients/bulk.h"
#include "clients/call_method.h"
#include "clients/parse_function.h"
#include "clients/stream_class.h"
#include "sessionvitals/client/client.h"
#include "values/page.h"
#include "values/value_object.h"
#include "watch/begin_watch.h"

/// What the clients of all vendors have in common on the Python side.
namespace sessionvitals::python {

/// Raises what is wrong with a new client.
template <class AnyClient>
AnyClient checked(AnyClient client) {
  if (const auto& error = client.configuration_error()) raise(*error);
  return client;
}

/// Binds a vendor's client. `Key` says how Python's arguments become a credential, as
/// Arguments does for a question. One line binds an operation:
///
///     ClientClass<PingClient, PingKey> ping(module, "PingClient", "Asks Ping Network.");
///     ping.operation<ping::kSessionStatus>("Return what the session is doing.");
///
/// and gives the methods `session_status`, which waits for the answer, and
/// `begin_session_status`, which returns what a task awaits it by, and the functions
/// `build_ping_session_status_request` and `parse_ping_session_status_response`.
template <class AnyClient, class Key>
class ClientClass {
 public:
  ClientClass(py::module_& module, const Provider& provider, const char* name, const char* doc)
      : module_(module), provider_(provider), class_(module, name, doc) {
    class_.def_property_readonly("base_url", [](const AnyClient& self) { return self.base_url(); });
    class_.def_property_readonly(
        "timeout",
        [](const AnyClient& self) {
          return self.call_options().timeout.value_or(kDefaultTimeout).count();
        },
        "Of a call that names none, in seconds.");
    class_.def_property_readonly(
        "cancel", [](const AnyClient& self) { return self.call_options().cancel; },
        "The token of all calls, or None.");
    class_.def(
        "with_options",
        [](const AnyClient& self, const Options& options) {
          return checked(self.with_options(to_call_options(options)));
        },
        "Return a client that differs in the options given, and shares the connections.");
    class_.def_static(
        "effect_of",
        [effects = effects_](const std::string& operation) {
          return std::string(effect_name(effects->at(operation)));
        },
        py::arg("operation"), "Return what that call can change: none, idempotent or once.");
    effects_->emplace("probe", provider.probe.effect);
    define_methods(
        "probe", "Return the session's state in the vocabulary of all providers.",
        &Arguments<SessionId>::make,
        [](const AnyClient& client) -> const auto& { return client.provider().probe; });
    define_bulk();
    class_.def(
        "bulk_watch",
        [](const AnyClient& self, const Options& settings) { return begin_watch(self, settings); },
        "Return a watch; see sessionvitals/changes.py for what it is made of.");
  }

  py::class_<AnyClient>& python_class() { return class_; }

  template <const auto& kOperation>
  ClientClass& operation(const char* doc) {
    using Op = std::remove_cvref_t<decltype(kOperation)>;
    using Question = typename Op::Question;
    const std::string name(kOperation.name);
    effects_->emplace(name, kOperation.effect);
    define_methods(name, doc, &Arguments<Question>::make,
                   [](const AnyClient&) -> const Op& { return kOperation; });
    const std::string full_name = std::string(provider_.name) + "_" + name;
    define_build<kOperation>("build_" + full_name + "_request", name, &Arguments<Question>::make,
                             &Key::make);
    define_parse<kOperation>("parse_" + full_name + "_response", name);
    return *this;
  }

  /// Binds what of a stream is pure, build_NAME_request and parse_NAME_event, and the method
  /// `open_NAME`, which calls `open` with the client, the arguments and the options.
  template <const auto& kStream, class Open>
  ClientClass& stream(const char* doc, Open open) {
    const std::string name(kStream.name);
    effects_->emplace(name, kStream.effect);
    const std::string full_name = std::string(provider_.name) + "_" + name;
    using Question = typename std::remove_cvref_t<decltype(kStream)>::Question;
    define_build<kStream>("build_" + full_name + "_request", name, &Arguments<Question>::make,
                          &Key::make);
    const std::string parse_doc =
        "Return what one server-sent event says to " + name + "(). Raises ContractError.";
    module_.def(
        ("parse_" + full_name + "_event").c_str(),
        [](const std::string& data, const std::string& event) {
          return value_or_raise(kStream.parse_event({}, {.type = event, .data = data, .id = {}}));
        },
        py::arg("data"), py::arg("event") = "message", parse_doc.c_str());
    define_open(("open_" + name).c_str(), doc, open, &Arguments<Question>::make);
    return *this;
  }

 private:
  template <class Open, class Question, class... Given>
  void define_open(const char* name, const char* doc, Open open, Question (*make)(Given...)) {
    const auto define = [&](const auto&... names) {
      class_.def(
          name,
          [open, make](const AnyClient& self, Given... given, const Options& options) {
            return open(self, make(std::forward<Given>(given)...), to_stream_options(options));
          },
          names..., doc);
    };
    std::apply(define, Arguments<Question>::names());
  }

  template <class Choose, class Question, class... Given>
  void define_methods(const std::string& name, const char* doc, Question (*make)(Given...),
                      Choose choose) {
    const auto define = [&](const auto&... names) {
      CallMethod<AnyClient, Choose, decltype(make)>::define(class_, name, doc, names...);
      class_.def(("begin_" + name).c_str(),
                 [choose, make](const AnyClient& self, Inbox& inbox, Given... given,
                                const Options& options) {
                   return begin(self, choose(self), inbox, make(std::forward<Given>(given)...),
                                to_awaited_options(options));
                 },
                 py::arg("inbox"), names...,
                 "Return what the task of an event loop awaits the answer by.");
    };
    std::apply(define, Arguments<Question>::names());
  }

  template <const auto& kOperation, class Question, class... Given, class... GivenKey>
  void define_build(const std::string& name, const std::string& operation,
                    Question (*make)(Given...), Credential (*make_key)(GivenKey...)) {
    const auto define = [&](const auto&... names) {
      const std::string doc =
          "Return the request of " + operation + "(). Raises ConfigurationError.";
      module_.def(
          name.c_str(),
          [make, make_key](Given... given, GivenKey... key) {
            return value_or_raise(kOperation.build(make(std::forward<Given>(given)...),
                                                   make_key(std::forward<GivenKey>(key)...)));
          },
          names..., doc.c_str());
    };
    std::apply(define, std::tuple_cat(Arguments<Question>::names(), std::make_tuple(py::kw_only()),
                                      Key::names()));
  }

  template <const auto& kOperation>
  void define_parse(const std::string& name, const std::string& operation) {
    const std::string doc = "Return what a response says to " + operation +
                            "(). Raises HttpStatusError for a refusal, and ContractError.";
    using Given = Arguments<typename std::remove_cvref_t<decltype(kOperation)>::Question>;
    const auto define = [&](const auto&... names) {
      ParseFunction<kOperation, decltype(&Given::make)>::define(module_, name, doc, names...);
    };
    std::apply(define, Given::names());
  }

  template <class Op>
  static PendingAnswer begin(const AnyClient& client, const Op& operation, Inbox& inbox,
                             typename Op::Question question, const CallOptions& options) {
    using Answer = typename Op::Answer;
    Channel::CallSubject subject{client.provider().name, operation.name, {}};
    if (const auto id = session_id_of(question)) subject.session_id = std::string(*id);
    PendingAnswer pending = inbox.expect();
    PendingObject& waiting = pending.fields();
    waiting.number = without_gil([&] {
      return client.begin(operation, std::move(question), options,
                          [channel = inbox.channel(), ticket = waiting.ticket,
                           subject = std::move(subject)](Result<Answer> result) {
                            channel->put(std::make_unique<ResultCompletion<Answer>>(
                                ticket, subject, std::move(result)));
                          });
    });
    return pending;
  }

  void define_bulk() {
    class_.def(
        "bulk_probe",
        [](const AnyClient& self, const GivenInt& concurrency, const GivenFlag& ordered,
           const std::optional<std::shared_ptr<Inbox>>& inbox,
           const std::optional<std::shared_ptr<BulkTally>>& tally,
           const std::optional<std::shared_ptr<OutcomeTable>>& table, const Options& options) {
          ClientSettings settings = to_bulk_settings(options);
          return std::make_unique<PythonBulk>(
              self,
              BulkOptions{.concurrency = read_concurrency(concurrency),
                          .ordered = read_flag("ordered", ordered),
                          .call = std::move(settings.call),
                          .deadline = settings.deadline,
                          .tally = tally.value_or(nullptr),
                          .table = table.value_or(nullptr)},
              inbox ? (*inbox)->channel() : nullptr);
        },
        py::arg("concurrency"), py::arg("ordered"), py::arg("inbox") = py::none(),
        py::arg("tally") = py::none(), py::arg("table") = py::none(),
        "Return the calls for probe_many; an inbox has its loop woken when outcomes are there. "
        "With a table, outcomes go there as rows.");
  }

  py::module_ module_;
  const Provider& provider_;
  py::class_<AnyClient> class_;
  std::shared_ptr<std::map<std::string, Effect>> effects_ =
      std::make_shared<std::map<std::string, Effect>>();  // of each operation, by its name
};

}  // namespace sessionvitals::python

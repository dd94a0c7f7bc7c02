#include "sessionvitals/watch/keeper.h"

#include <pybind11/stl.h>

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

#include "awaiting/channel.h"
#include "awaiting/inbox.h"
#include "bindings.h"
#include "clients/arguments.h"
#include "runtime/gil.h"
#include "values/value_object.h"

namespace sessionvitals::python {

// As in clients/eliza.cpp, which binds it.
template <>
struct ValueName<ElizaSession> {
  static constexpr auto text = py::detail::const_name("sessionvitals._core.ElizaSession");
};

namespace {

/// A keeper, as the package's own classes use it (sessionvitals/_async/keeper.py).
class PythonKeeper {
 public:
  PythonKeeper(const ElizaClient& client, KeeperOptions options,
               const std::shared_ptr<Channel>& channel)
      : keeper_(client, std::move(options),
                channel ? [channel] { channel->signal(); } : std::function<void()>()) {
    const auto error = keeper_.error();
    if (error && error->kind() == ErrorKind::configuration_error) raise(*error);
  }
  ~PythonKeeper() { close(); }
  PythonKeeper(const PythonKeeper&) = delete;
  PythonKeeper& operator=(const PythonKeeper&) = delete;

  py::object session() const {
    auto session = without_gil([this] { return keeper_.session(); });
    if (!session) return py::none();
    return py::cast(*std::move(session));
  }
  py::object error() const {
    const auto error = without_gil([this] { return keeper_.error(); });
    if (!error) return py::none();
    return to_exception(*error);
  }
  bool is_lost() const {
    return without_gil([this] { return keeper_.is_lost(); });
  }
  bool is_over() const {
    return without_gil([this] { return keeper_.is_over(); });
  }
  bool wait() const {
    return without_gil([this] { return keeper_.wait(std::chrono::seconds(1)); });
  }
  void check() {
    without_gil([this] { keeper_.check(); });
  }
  void close() {
    without_gil([this] { keeper_.close(); });
  }

 private:
  Keeper keeper_;
};

}  // namespace

void bind_keeper(py::module_& module) {
  auto keeper = py::class_<PythonKeeper>(
      module, "Keeper", "Keeps a session alive. See ElizaClient.keep_alive.", py::is_final());
  keeper.def_property_readonly("session", &PythonKeeper::session, "As it was seen last, or None.")
      .def_property_readonly("error", &PythonKeeper::error, "Why the last request failed, or None.")
      .def_property_readonly("is_lost", &PythonKeeper::is_lost, "True once the session is gone.")
      .def_property_readonly("is_over", &PythonKeeper::is_over, "True once nothing is done.")
      .def("wait", &PythonKeeper::wait, "Wait a second for its end; return whether it is over.")
      .def("check", &PythonKeeper::check, "Look at the session now.")
      .def("close", &PythonKeeper::close, "End it.");
  module.def(
      "begin_keeper",
      [](const ElizaClient& client, const GivenText& session_id, double margin,
         const std::optional<std::shared_ptr<Inbox>>& inbox, const Options& options) {
        return std::make_unique<PythonKeeper>(client,
                                              KeeperOptions{
                                                  .session_id = to_session_id(session_id),
                                                  .margin = std::chrono::duration<double>(margin),
                                                  .call = to_call_options(options),
                                              },
                                              inbox ? (*inbox)->channel() : nullptr);
      },
      py::arg("client"), py::arg("session_id"), py::arg("margin"), py::arg("inbox") = py::none(),
      "Return a keeper; an inbox has its loop woken when it is over.");
}

}  // namespace sessionvitals::python

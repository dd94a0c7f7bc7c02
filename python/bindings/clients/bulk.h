#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <pybind11/typing.h>

#include "bindings.h"
#include "clients/channel.h"
#include "sessionvitals/client/bulk.h"
#include "sessionvitals/client/bulk_table.h"
#include "sessionvitals/client/bulk_thread.h"

/// What became of one id of a bulk, as Python sees it.
namespace sessionvitals::python {

struct PythonOutcome {
  std::string id;
  std::shared_ptr<Session> session;  // nullptr if there is an error
  py::object error;                  // None if there is a session
};

/// A bulk on its way, with the GIL given up while it waits.
class PythonBulk {
 public:
  PythonBulk(const Client& client, const BulkOptions& options)
      : provider_(client.provider().name), bulk_(client, options) {
    if (const Error* error = bulk_.configuration_error()) raise(*error);
  }

  std::size_t room() const { return bulk_.room(); }
  bool is_over() const { return bulk_.is_over(); }
  void keep(std::vector<std::string> ids) { bulk_.keep(std::move(ids)); }
  void add(const py::list& ids);

  /// Logs them as well.
  py::typing::List<PythonOutcome> take();

  /// Takes some outcomes as rows; returns how many, none at the end.
  std::size_t take_into(OutcomeTable& table);

 private:
  std::string_view provider_;
  BulkProbe bulk_;
};

/// The same in a thread of its own, which signals a channel.
class PythonBulkThread {
 public:
  PythonBulkThread(const Client& client, const BulkOptions& options,
                   const std::shared_ptr<Channel>& channel)
      : provider_(client.provider().name),
        bulk_(std::make_unique<BulkThread>(client, options, [channel] { channel->signal(); })) {
    if (const Error* error = bulk_->configuration_error()) raise(*error);
  }
  ~PythonBulkThread() { close(); }

  std::size_t room() const { return bulk_->room(); }
  bool is_over() const { return bulk_->is_over(); }
  bool is_done() const { return bulk_->is_done(); }
  void keep(std::vector<std::string> ids) { bulk_->keep(std::move(ids)); }
  void add(const py::list& ids);
  void finish() { bulk_->finish(); }

  /// Logs them as well.
  py::typing::List<PythonOutcome> take();

  /// Cancels what is left and ends the thread.
  void close() {
    unlocked([this] { bulk_.reset(); });
  }

 private:
  std::string_view provider_;
  std::unique_ptr<BulkThread> bulk_;
};

void bind_bulk_table(py::module_& module);

}  // namespace sessionvitals::python

#pragma once

#include <pybind11/pybind11.h>
#include <pybind11/typing.h>

#include <atomic>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "awaiting/channel.h"
#include "bindings.h"
#include "clients/outcome.h"
#include "sessionvitals/client/bulk.h"
#include "sessionvitals/client/bulk_table.h"

namespace sessionvitals::python {

/// A bulk for a generator or, with a channel that it signals, for an event loop.
/// Safe to use from several threads, after close() and in a forked child: it then
/// raises.
class PythonBulk {
 public:
  PythonBulk(const Client& client, const BulkOptions& options,
             const std::shared_ptr<Channel>& channel);
  ~PythonBulk() { close(); }
  PythonBulk(const PythonBulk&) = delete;
  PythonBulk& operator=(const PythonBulk&) = delete;

  bool is_over() const { return bulk_.is_over(); }
  double closed_for() const;
  bool is_done() const;
  std::size_t room() const;
  void finish();

  /// See BulkProbe::expect().
  void expect(std::unordered_map<std::string, std::size_t> repeated);

  /// Draws ids from an iterator, as many as there is room for; returns true if
  /// there may be more. After an id that was slow to come it returns if outcomes
  /// are there, or, if it `must_return`, in any case.
  bool feed(const py::object& iterator, bool must_return);

  /// Waits for outcomes; none are left when the list is empty. Logs them as well.
  py::typing::List<PythonOutcome> take();

  /// Returns the outcomes that are there. Logs them as well.
  py::typing::List<PythonOutcome> take_ready();

  /// Takes what was added to the table; returns how many rows: none at the end, and if none are
  /// there and it must not wait.
  std::size_t take_rows(bool must_wait);

  /// Cancels what is left and ends the thread.
  void close();

 private:
  void require_usable() const;
  void add_failed(const py::handle& id);
  bool feed_list(const py::handle& iterator);

  const Provider& provider_;
  const bool has_table_;
  BulkProbe bulk_;
  std::atomic<bool> is_closed_ = false;
};

/// Returns the ids that occur more than once and how often, at most 65,536 of them, as their
/// answers are kept until the last of each has come; none for what may be iterated over only once.
/// Takes 2 bytes an id. Raises TypeError for one text, whose letters would be asked for.
std::unordered_map<std::string, std::size_t> repeated_in(const py::object& ids);

void bind_bulk_table(py::module_& module);

}  // namespace sessionvitals::python

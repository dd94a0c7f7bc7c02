#pragma once

#include <pybind11/pybind11.h>
#include <pybind11/typing.h>

#include <memory>
#include <optional>
#include <string>

#include "awaiting/channel.h"
#include "bindings.h"
#include "clients/arguments.h"
#include "sessionvitals/watch/watch.h"

/// Watches, as the package's own classes use them (sessionvitals/_async/watch.py).
namespace sessionvitals::python {

/// A watch for an iterator or, with a channel that it signals, for an event loop. Safe to use
/// from several threads, after close() and in a forked child: it then raises.
class PythonWatch {
 public:
  PythonWatch(const Client& client, WatchOptions options, const std::shared_ptr<Channel>& channel);
  ~PythonWatch() { close(); }
  PythonWatch(const PythonWatch&) = delete;
  PythonWatch& operator=(const PythonWatch&) = delete;

  /// Waits for the next change; None at the end. Raises what has ended it.
  py::object next();

  /// The same without waiting: None if there is none.
  py::object take_ready();

  bool is_done();
  void add(const GivenText& session_id);
  void discard(const GivenText& session_id, bool is_reached);
  std::size_t size() const;
  double lag() const;
  py::typing::Tuple<bool, bool, double> await_need();
  void give_permit();
  std::optional<std::string> outcome() const;
  std::string token() const;
  void close();

 private:
  void require_usable() const;
  py::object to_object_or_raise(std::optional<Change> change) const;

  Watch watch_;
};

}  // namespace sessionvitals::python

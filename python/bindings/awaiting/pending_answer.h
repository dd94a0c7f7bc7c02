#pragma once

#include <pybind11/pybind11.h>

#include <cstdint>

#include "bindings.h"

namespace sessionvitals::python {

class Inbox;

/// What a task awaits in place of an asyncio.Future, by the same protocol. One
/// allocation, and no call_soon() for an answer: the inbox goes on with the task.
struct PendingObject {
  PyObject_HEAD Inbox* inbox;  // while it waits in one
  std::uint64_t ticket;        // there
  std::uint64_t number;        // to cancel by
  PyObject* loop;
  PyObject* callback;  // of the task that waits
  PyObject* context;   // which it is called in
  PyObject* answer;    // nullptr unless it came
  PyObject* error;     // nullptr unless it failed or was cancelled
  bool is_done;
  bool is_cancelled;
  bool is_blocking;

  /// For Python's garbage collector: what the task that waits is held by.
  int traverse_task(visitproc visit, void* arg) const {
    Py_VISIT(callback);
    Py_VISIT(context);
    return 0;
  }
};

class PendingAnswer : public py::object {
  static bool is_one(PyObject*) { return true; }

 public:
  PYBIND11_OBJECT_DEFAULT(PendingAnswer, object, is_one)

  PendingObject& fields() const { return *reinterpret_cast<PendingObject*>(ptr()); }
};

/// Returns one of that loop's, which waits.
PendingAnswer make_pending(const py::object& loop);

/// Has it answered: goes on with the task that waits, if one does, at once or by
/// call_soon(). Exactly one of answer and error is given. Returns false with an exception
/// set if the task let one through, as asyncio's do KeyboardInterrupt.
bool settle(const PendingAnswer& pending, py::object answer, py::object error, bool at_once);

/// Lets go of the task that waits, which is then never gone on with.
void forget_task(PendingObject& pending);

void bind_pending_answer(const py::module_& module);

}  // namespace sessionvitals::python

namespace pybind11::detail {

template <>
struct handle_type_name<sessionvitals::python::PendingAnswer> {
  static constexpr auto name = const_name("sessionvitals._core.PendingAnswer");
};

}  // namespace pybind11::detail

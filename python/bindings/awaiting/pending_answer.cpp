#include "awaiting/pending_answer.h"

#include <utility>

#include "awaiting/asyncio_errors.h"
#include "awaiting/inbox.h"
#include "sessionvitals/client/client.h"
#include "values/guarded.h"

namespace sessionvitals::python {

namespace {

PyTypeObject* pending_type = nullptr;

PendingObject& of(PyObject* self) { return *reinterpret_cast<PendingObject*>(self); }
PyObject* object_of(PendingObject* pending) { return reinterpret_cast<PyObject*>(pending); }

void set(PyObject*& place, PyObject* value) {
  PyObject* const old = std::exchange(place, Py_XNewRef(value));
  Py_XDECREF(old);
}

// Has the loop go on with the task, later. Returns false with an exception set if it cannot.
bool call_soon(PendingObject& pending, PyObject* callback, PyObject* context) {
  PyObject* const handle = guarded([&] {
    return py::handle(pending.loop)
        .attr("call_soon")(py::handle(callback), py::handle(object_of(&pending)),
                           py::arg("context") = py::handle(context));
  });
  Py_XDECREF(handle);
  return handle != nullptr;
}

// Goes on with the task that waits, if one does: at once, or by call_soon. Returns false
// with an exception set if the task let one through.
bool wake(PendingObject& pending, bool at_once) {
  const auto callback = py::reinterpret_steal<py::object>(std::exchange(pending.callback, nullptr));
  const auto context = py::reinterpret_steal<py::object>(std::exchange(pending.context, nullptr));
  if (!callback) return true;
  if (!at_once) return call_soon(pending, callback.ptr(), context.ptr());
  if (PyContext_Enter(context.ptr()) != 0) {  // somebody runs in it
    PyErr_Clear();
    return call_soon(pending, callback.ptr(), context.ptr());
  }
  const auto done =
      py::reinterpret_steal<py::object>(PyObject_CallOneArg(callback.ptr(), object_of(&pending)));
  {
    const py::error_scope raised;
    if (PyContext_Exit(context.ptr()) != 0) PyErr_Clear();
  }
  return bool(done);
}

// Ends the call of one that waits: the answer goes nowhere.
void give_up(PendingObject& pending) {
  pending.is_done = pending.is_cancelled = true;
  const std::uint64_t number = pending.number;
  Inbox* const inbox = std::exchange(pending.inbox, nullptr);
  if (inbox != nullptr) inbox->forget(pending.ticket);
  without_gil([number] { Client::cancel_begun(number); });
}

// The same for one whose task goes on otherwise. No inbox has it any more, and its task may have
// only this to be held by, while it runs.
void give_up_untold(PendingObject& pending) {
  if (pending.is_done) return;
  give_up(pending);
  PyObject_GC_Track(object_of(&pending));
}

void raise_error(PendingObject& pending) {
  PyObject* const error = pending.error;
  if (error == nullptr) return PyErr_SetNone(cancelled_error());
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(error)), error);
}

PyObject* result(PyObject* self, PyObject*) {
  PendingObject& pending = of(self);
  if (!pending.is_done) return raise_invalid_state("Result is not set.");
  if (pending.answer != nullptr) return Py_NewRef(pending.answer);
  raise_error(pending);
  return nullptr;
}

PyObject* exception(PyObject* self, PyObject*) {
  PendingObject& pending = of(self);
  if (!pending.is_done) return raise_invalid_state("Exception is not set.");
  if (pending.is_cancelled) {
    raise_error(pending);
    return nullptr;
  }
  return Py_NewRef(pending.error != nullptr ? pending.error : Py_None);
}

PySendResult send(PyObject* self, PyObject*, PyObject** sent) {
  PendingObject& pending = of(self);
  if (pending.is_done) {
    *sent = result(self, nullptr);
    return *sent != nullptr ? PYGEN_RETURN : PYGEN_ERROR;
  }
  if (pending.is_blocking || pending.callback != nullptr) {
    PyErr_SetString(PyExc_RuntimeError, "await wasn't used with future");
    *sent = nullptr;
    return PYGEN_ERROR;
  }
  pending.is_blocking = true;
  *sent = Py_NewRef(self);
  return PYGEN_NEXT;
}

PyObject* next(PyObject* self) {
  PyObject* sent = nullptr;
  const PySendResult how = send(self, Py_None, &sent);
  if (how != PYGEN_RETURN) return sent;
  const auto answer = py::reinterpret_steal<py::object>(sent);
  // Made here, as PyErr_SetObject takes a tuple for the arguments of what it makes.
  const auto stop =
      py::reinterpret_steal<py::object>(PyObject_CallOneArg(PyExc_StopIteration, answer.ptr()));
  if (stop) PyErr_SetObject(PyExc_StopIteration, stop.ptr());
  return nullptr;
}

PyObject* send_method(PyObject* self, PyObject*) { return next(self); }

PyObject* itself(PyObject* self) { return Py_NewRef(self); }

// throw(exception) or, as CPython still calls it, throw(type, value, traceback).
PyObject* throw_into(PyObject* self, PyObject* const* given, Py_ssize_t count) {
  if (count < 1 || count > 3) {
    PyErr_SetString(PyExc_TypeError, "throw() takes an exception");
    return nullptr;
  }
  return guarded([&]() -> py::object {
    const bool has_value = count > 1 && given[1] != Py_None;
    auto raised = py::reinterpret_borrow<py::object>(has_value ? given[1] : given[0]);
    if (PyExceptionClass_Check(given[0]) && !PyExceptionInstance_Check(raised.ptr())) {
      const py::handle type(given[0]);
      raised = has_value ? type(raised) : type();
    }
    if (!PyExceptionInstance_Check(raised.ptr()))
      throw py::type_error("throw() takes an exception");
    if (count == 3 && given[2] != Py_None &&
        PyException_SetTraceback(raised.ptr(), given[2]) != 0) {
      throw py::error_already_set();
    }
    give_up_untold(of(self));
    PyErr_SetObject(py::type::handle_of(raised).ptr(), raised.ptr());
    throw py::error_already_set();
  });
}

PyObject* close(PyObject* self, PyObject*) {
  give_up_untold(of(self));
  Py_RETURN_NONE;
}

PyObject* cancel(PyObject* self, PyObject* arguments, PyObject* keywords) {
  static const char* names[] = {"msg", nullptr};
  PyObject* message = Py_None;
  if (PyArg_ParseTupleAndKeywords(arguments, keywords, "|O:cancel", const_cast<char**>(names),
                                  &message) == 0) {
    return nullptr;
  }
  PendingObject& pending = of(self);
  if (pending.is_done) Py_RETURN_FALSE;
  return guarded([&] {
    const py::handle type(cancelled_error());
    const py::object error = message == Py_None ? type() : type(py::handle(message));
    give_up(pending);
    set(pending.error, error.ptr());
    // Later, as who cancels is a task as well.
    if (!wake(pending, false)) throw py::error_already_set();
    return py::bool_(true);
  });
}

PyObject* add_done_callback(PyObject* self, PyObject* arguments, PyObject* keywords) {
  static const char* names[] = {"fn", "context", nullptr};
  PyObject* callback = nullptr;
  PyObject* context = nullptr;
  if (PyArg_ParseTupleAndKeywords(arguments, keywords, "O|$O:add_done_callback",
                                  const_cast<char**>(names), &callback, &context) == 0) {
    return nullptr;
  }
  PendingObject& pending = of(self);
  if (pending.callback != nullptr) {
    PyErr_SetString(PyExc_RuntimeError, "a call's answer is awaited once");
    return nullptr;
  }
  const auto chosen = py::reinterpret_steal<py::object>(
      context == nullptr || context == Py_None ? PyContext_CopyCurrent() : Py_NewRef(context));
  if (!chosen) return nullptr;
  if (!PyContext_CheckExact(chosen.ptr())) {
    PyErr_SetString(PyExc_TypeError, "context is a contextvars.Context");
    return nullptr;
  }
  if (pending.is_done) {
    if (!call_soon(pending, callback, chosen.ptr())) return nullptr;
    Py_RETURN_NONE;
  }
  set(pending.callback, callback);
  set(pending.context, chosen.ptr());
  Py_RETURN_NONE;
}

PyObject* remove_done_callback(PyObject* self, PyObject* callback) {
  PendingObject& pending = of(self);
  if (pending.callback == nullptr) return PyLong_FromLong(0);
  const int is_same = PyObject_RichCompareBool(pending.callback, callback, Py_EQ);
  if (is_same < 0) return nullptr;
  if (is_same == 1) forget_task(pending);
  return PyLong_FromLong(is_same);
}

PyObject* is_done(PyObject* self, PyObject*) { return PyBool_FromLong(of(self).is_done); }
PyObject* is_cancelled(PyObject* self, PyObject*) { return PyBool_FromLong(of(self).is_cancelled); }
PyObject* get_loop(PyObject* self, PyObject*) { return Py_NewRef(of(self).loop); }
PyObject* get_number(PyObject* self, void*) { return PyLong_FromUnsignedLongLong(of(self).number); }
PyObject* get_blocking(PyObject* self, void*) { return PyBool_FromLong(of(self).is_blocking); }

int set_blocking(PyObject* self, PyObject* value, void*) {
  const int is_true = value != nullptr ? PyObject_IsTrue(value) : 0;
  if (is_true < 0) return -1;
  of(self).is_blocking = is_true == 1;
  return 0;
}

PyObject* refuse_making(PyTypeObject*, PyObject*, PyObject*) {
  PyErr_SetString(PyExc_TypeError, "PendingAnswer objects are made by the clients, not by a call");
  return nullptr;
}

// Of the few that are tracked. While one waits, its inbox keeps it and the task alive and is looked
// into; once the task was told, it leads to no task.
int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  return of(self).traverse_task(visit, arg);
}

int clear(PyObject* self) {
  forget_task(of(self));
  return 0;
}

void destroy(PyObject* self) {
  PendingObject& pending = of(self);
  PyTypeObject* const type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  for (PyObject** held :
       {&pending.callback, &pending.context, &pending.answer, &pending.error, &pending.loop}) {
    Py_CLEAR(*held);
  }
  PyObject_GC_Del(self);
  Py_DECREF(type);
}

PyCFunction as_method(PyCFunctionWithKeywords function) {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
}

}  // namespace

PendingAnswer make_pending(const py::object& loop) {
  auto* const made = PyObject_GC_New(PendingObject, pending_type);
  if (made == nullptr) throw py::error_already_set();
  made->inbox = nullptr;
  made->ticket = made->number = 0;
  made->loop = Py_NewRef(loop.ptr());
  made->callback = made->context = made->answer = made->error = nullptr;
  made->is_done = made->is_cancelled = made->is_blocking = false;
  return py::reinterpret_steal<PendingAnswer>(object_of(made));
}

bool settle(const PendingAnswer& pending, py::object answer, py::object error, bool at_once) {
  PendingObject& settled = pending.fields();
  settled.is_done = true;
  settled.inbox = nullptr;
  settled.answer = answer.release().ptr();
  settled.error = error.release().ptr();
  return wake(settled, at_once);
}

void forget_task(PendingObject& pending) {
  set(pending.callback, nullptr);
  set(pending.context, nullptr);
}

void bind_pending_answer(const py::module_& module) {
  static PyMethodDef methods[] = {
      {"result", result, METH_NOARGS, nullptr},
      {"exception", exception, METH_NOARGS, nullptr},
      {"done", is_done, METH_NOARGS, nullptr},
      {"cancelled", is_cancelled, METH_NOARGS, nullptr},
      {"cancel", as_method(cancel), METH_VARARGS | METH_KEYWORDS, nullptr},
      {"add_done_callback", as_method(add_done_callback), METH_VARARGS | METH_KEYWORDS, nullptr},
      {"remove_done_callback", remove_done_callback, METH_O, nullptr},
      {"get_loop", get_loop, METH_NOARGS, nullptr},
      {"send", send_method, METH_O, nullptr},
      {"throw", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(&throw_into)),
       METH_FASTCALL, nullptr},
      {"close", close, METH_NOARGS, nullptr},
      {nullptr, nullptr, 0, nullptr},
  };
  static PyGetSetDef attributes[] = {
      {"_asyncio_future_blocking", get_blocking, set_blocking, nullptr, nullptr},
      {"number", get_number, nullptr, "What cancel_begun() ends the call by.", nullptr},
      {},
  };
  PyType_Slot slots[] = {
      {Py_tp_doc, const_cast<char*>("What a task awaits for the answer of a call.")},
      {Py_tp_new, reinterpret_cast<void*>(&refuse_making)},
      {Py_tp_dealloc, reinterpret_cast<void*>(&destroy)},
      {Py_tp_traverse, reinterpret_cast<void*>(&traverse)},
      {Py_tp_clear, reinterpret_cast<void*>(&clear)},
      {Py_tp_iter, reinterpret_cast<void*>(&itself)},
      {Py_tp_iternext, reinterpret_cast<void*>(&next)},
      {Py_am_await, reinterpret_cast<void*>(&itself)},
      {Py_am_send, reinterpret_cast<void*>(&send)},
      {Py_tp_methods, methods},
      {Py_tp_getset, attributes},
      {0, nullptr},
  };
  PyType_Spec spec{.name = "sessionvitals._core.PendingAnswer",
                   .basicsize = static_cast<int>(sizeof(PendingObject)),
                   .itemsize = 0,
                   .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
                   .slots = slots};
  auto type = py::reinterpret_steal<py::object>(PyType_FromSpec(&spec));
  if (!type) throw py::error_already_set();
  module.attr("PendingAnswer") = type;
  pending_type = reinterpret_cast<PyTypeObject*>(type.release().ptr());
}

}  // namespace sessionvitals::python

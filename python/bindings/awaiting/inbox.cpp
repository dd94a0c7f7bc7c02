#include "awaiting/inbox.h"

#include <new>
#include <utility>

#include "runtime/logging.h"

namespace sessionvitals::python {

Inbox::Inbox(const py::object& loop) : loop_(py::weakref(loop)) {}

Inbox::~Inbox() { forget_tasks(); }

void Inbox::forget_tasks() {
  const auto waiting = std::exchange(waiting_, {});
  const PendingAnswer waiter = std::exchange(waiter_, PendingAnswer());
  // All of them first, as a task that is freed ends the call that it waits for.
  for (const auto& [ticket, pending] : waiting) pending.fields().inbox = nullptr;
  if (waiter) waiter.fields().inbox = nullptr;
  for (const auto& [ticket, pending] : waiting) forget_task(pending.fields());
  if (waiter) forget_task(waiter.fields());
}

int Inbox::traverse(visitproc visit, void* arg) const {
  int stop = waiter_ ? waiter_.fields().traverse_task(visit, arg) : 0;
  for (auto each = waiting_.begin(); stop == 0 && each != waiting_.end(); ++each) {
    stop = each->second.fields().traverse_task(visit, arg);
  }
  return stop;
}

PendingAnswer Inbox::make() const {
  const py::object loop = loop_();
  if (loop.is_none()) throw py::value_error("the inbox's event loop is gone");
  return make_pending(loop);
}

PendingAnswer Inbox::wait() {
  PendingAnswer pending = make();
  if (waiter_) waiter_.fields().inbox = nullptr;
  waiter_ = pending;
  pending.fields().ticket = kWaiter;
  pending.fields().inbox = this;
  return pending;
}

PendingAnswer Inbox::expect() {
  PendingAnswer pending = make();
  pending.fields().ticket = ++last_ticket_;
  waiting_.emplace(pending.fields().ticket, pending);
  pending.fields().inbox = this;
  return pending;
}

PendingAnswer Inbox::forget(std::uint64_t ticket) {
  // A cancelled one has an error, its traceback the task's frames, and these the inbox: it would
  // keep itself, and the watch or the bulk that is read.
  if (ticket == kWaiter) return std::exchange(waiter_, PendingAnswer());
  const auto found = waiting_.extract(ticket);
  return found ? std::move(found.mapped()) : PendingAnswer();
}

void Inbox::end_wait() {
  const py::object loop = loop_();
  if (loop.is_none() || loop.attr("is_closed")().cast<bool>()) return forget_tasks();
  const PendingAnswer waiter = std::exchange(waiter_, PendingAnswer());
  if (!waiter || waiter.fields().is_done) return;
  if (!settle(waiter, py::none(), py::object(), false)) throw py::error_already_set();
}

void Inbox::deliver() {
  for (auto& completion : channel_->take()) taken_.push_back(std::move(completion));
  const PendingAnswer waiter = std::exchange(waiter_, PendingAnswer());
  py::object raised;  // by the first task that let something through
  const auto keep_raised = [&raised] {
    py::error_already_set problem;
    if (raised) return problem.discard_as_unraisable("sessionvitals");
    raised = problem.value();
  };
  if (waiter && !waiter.fields().is_done && !settle(waiter, py::none(), py::object(), true)) {
    keep_raised();
  }
  // Should a task run the loop itself, it is there that the others' answers are given.
  const py::object loop = loop_();
  if (taken_.size() > 1 && !loop.is_none()) {
    loop.attr("call_soon")(py::cast(this).attr("deliver"));
  }
  LogLevels listening{false, false};
  try {
    if (!taken_.empty()) listening = find_log_levels();
  } catch (py::error_already_set& problem) {  // Ctrl-C
    problem.restore();
    keep_raised();
  }
  while (!taken_.empty()) {
    const auto completion = std::move(taken_.front());
    taken_.pop_front();
    py::object error;
    py::object answer;
    try {
      error = completion->error();
      completion->log(listening, error);
      if (error.is_none()) answer = completion->answer();
    } catch (py::error_already_set& problem) {  // Ctrl-C, for one
      error = problem.value();
    } catch (const std::bad_alloc&) {
      PyErr_NoMemory();
      error = py::error_already_set().value();
    }
    if (answer) error = py::object();
    const PendingAnswer pending = forget(completion->token());
    if (pending && !settle(pending, std::move(answer), std::move(error), !raised)) keep_raised();
  }
  if (!raised) return;
  PyErr_SetObject(py::type::handle_of(raised).ptr(), raised.ptr());
  throw py::error_already_set();
}

namespace {

// Null while it is being made.
Inbox* inbox_of(PyObject* self) {
  auto* const instance = reinterpret_cast<py::detail::instance*>(self);
  return instance->get_value_and_holder().value_ptr<Inbox>();
}

int traverse_inbox(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  const Inbox* const inbox = inbox_of(self);
  return inbox != nullptr ? inbox->traverse(visit, arg) : 0;
}

int clear_inbox(PyObject* self) {
  if (Inbox* const inbox = inbox_of(self)) inbox->forget_tasks();
  return 0;
}

// The frames of a task that waits may hold the inbox that holds the task, with no loop to go on
// with it: once the loop was closed, only the collector can free the two.
void have_collected(PyHeapTypeObject* made) {
  PyTypeObject& type = made->ht_type;
  type.tp_flags |= Py_TPFLAGS_HAVE_GC;
  type.tp_traverse = &traverse_inbox;
  type.tp_clear = &clear_inbox;
}

}  // namespace

void bind_inbox(py::module_& module) {
  bind_pending_answer(module);
  py::class_<Inbox, std::shared_ptr<Inbox>>(module, "Inbox",
                                            "Where the tasks of an event loop wait for answers.",
                                            py::is_final(), py::custom_type_setup(&have_collected))
      .def(py::init<const py::object&>(), py::arg("loop"))
      .def_property_readonly("descriptor", &Inbox::descriptor, "Readable when answers are there.")
      .def("wait", &Inbox::wait, "Return what a task awaits the next deliver() by.")
      .def("end_wait", &Inbox::end_wait, "Have the loop go on, later, with what wait() returned.")
      .def("deliver", &Inbox::deliver, "Give the answers to their tasks, and go on with those.");
}

}  // namespace sessionvitals::python

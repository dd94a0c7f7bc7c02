#include "clients/outcome.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <string_view>
#include <utility>

#include "values/casters.h"
#include "values/guarded.h"
#include "values/value_object.h"

namespace sessionvitals::python {

namespace {

struct OutcomeObject {
  PyObject_VAR_HEAD                      // as many characters as the id has
      PyObject* parts;                   // (id, session, error); nullptr until they are looked at
  std::shared_ptr<const Detail> detail;  // what the session is made from; nullptr with other parts
  SessionState state;
  std::uint8_t provider;  // its place in all_providers()
  char id[1];
};

PyTypeObject* outcome_type = nullptr;

OutcomeObject& of(PyObject* self) { return *reinterpret_cast<OutcomeObject*>(self); }

PyObject* allocate(PyTypeObject* type, std::string_view id) {
  auto* made = PyObject_GC_NewVar(OutcomeObject, type, static_cast<Py_ssize_t>(id.size()));
  if (made == nullptr) throw py::error_already_set();
  made->parts = nullptr;
  new (&made->detail) std::shared_ptr<const Detail>();
  id.copy(made->id, id.size());
  return reinterpret_cast<PyObject*>(made);
}

// The garbage collector need know only these: an error may lead back to its outcome, by the frames
// of its traceback. No session leads to an object of Python's.
PyObject* make_from(PyTypeObject* type, py::tuple parts) {
  PyObject* made = allocate(type, {});
  of(made).parts = parts.release().ptr();
  PyObject_GC_Track(made);
  return made;
}

std::string_view id_of(PyObject* self) {
  return {of(self).id, static_cast<std::size_t>(Py_SIZE(self))};
}

Session session_of(PyObject* self) {
  const OutcomeObject& outcome = of(self);
  const Provider& provider = *all_providers()[outcome.provider];
  Session session;
  session.provider = provider.name;
  session.id = id_of(self);
  session.state = outcome.state;
  session.detail = outcome.detail;
  session.call = outcome.detail->call;
  provider.fill_in(session);
  return session;
}

py::tuple parts_of(PyObject* self) {
  if (of(self).parts == nullptr) {
    py::tuple made = py::make_tuple(to_text(id_of(self)), to_object(session_of(self)), py::none());
    // What made them may have run a finalizer, which may have looked as well.
    if (of(self).parts == nullptr) of(self).parts = made.release().ptr();
  }
  return py::reinterpret_borrow<py::tuple>(of(self).parts);
}

py::object part(PyObject* self, Py_ssize_t place) {
  return py::reinterpret_borrow<py::object>(PyTuple_GET_ITEM(parts_of(self).ptr(), place));
}

/// Returns the provider's place, if the session is what its detail says, its id and state.
std::optional<std::uint8_t> place_of(const Provider& provider, const Outcome& outcome) {
  const Session& session = *outcome.session;
  // Of a state that is unknown, the provider's word may have been redacted.
  const bool is_whole = provider.fill_in != nullptr && session.detail &&
                        session.state != SessionState::unknown &&
                        session.provider == provider.name && session.id == outcome.id &&
                        session.call == session.detail->call;
  if (!is_whole) return std::nullopt;
  const auto all = all_providers();
  for (std::size_t i = 0; i < all.size() && i <= std::numeric_limits<std::uint8_t>::max(); ++i) {
    if (all[i] == &provider) return static_cast<std::uint8_t>(i);
  }
  return std::nullopt;
}

PyObject* new_outcome(PyTypeObject* type, PyObject* arguments, PyObject* keywords) {
  static const char* names[] = {"id", "session", "error", nullptr};
  PyObject* id = nullptr;
  PyObject* session = nullptr;
  PyObject* error = nullptr;
  if (PyArg_ParseTupleAndKeywords(arguments, keywords, "UOO:Outcome", const_cast<char**>(names),
                                  &id, &session, &error) == 0) {
    return nullptr;
  }
  if (session != Py_None && value_of<Session>(session) == nullptr) {
    PyErr_SetString(PyExc_TypeError, "Outcome: session must be a Session or None");
    return nullptr;
  }
  return guarded([&] {
    return py::reinterpret_steal<py::object>(
        make_from(type, py::make_tuple(py::handle(id), py::handle(session), py::handle(error))));
  });
}

// There is no tp_clear, as a tuple has none: whatever closes a cycle was changed after it was made.
int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  Py_VISIT(of(self).parts);
  return 0;
}

void destroy(PyObject* self) {
  PyTypeObject* const type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  Py_XDECREF(of(self).parts);
  std::destroy_at(&of(self).detail);
  PyObject_GC_Del(self);
  Py_DECREF(type);
}

PyObject* get_id(PyObject* self, void*) {
  return guarded([&]() -> py::object {
    if (of(self).parts == nullptr) return to_text(id_of(self));
    return part(self, 0);
  });
}

PyObject* get_session(PyObject* self, void*) {
  return guarded([&] { return part(self, 1); });
}

PyObject* get_error(PyObject* self, void*) {
  if (of(self).parts == nullptr) Py_RETURN_NONE;
  return guarded([&] { return part(self, 2); });
}

PyObject* compare(PyObject* self, PyObject* other, int operation) {
  const bool is_comparable = Py_TYPE(self) == Py_TYPE(other);
  if (!is_comparable || (operation != Py_EQ && operation != Py_NE)) Py_RETURN_NOTIMPLEMENTED;
  return guarded(
      [&] { return py::bool_(parts_of(self).equal(parts_of(other)) == (operation == Py_EQ)); });
}

Py_hash_t hash_value(PyObject* self) {
  PyObject* const id = get_id(self, nullptr);
  if (id == nullptr) return -1;
  const Py_hash_t hash = PyObject_Hash(id);
  Py_DECREF(id);
  return hash;
}

PyObject* represent(PyObject* self) {
  return guarded([&] {
    const py::object session = part(self, 1);
    return py::str("Outcome({!r}, {!r})")
        .format(part(self, 0), session.is_none() ? part(self, 2) : session);
  });
}

PyObject* reduce(PyObject* self, PyObject*) {
  return guarded([&] {
    return py::make_tuple(py::handle(reinterpret_cast<PyObject*>(outcome_type)), parts_of(self));
  });
}

}  // namespace

PythonOutcome to_python(const Provider& provider, Outcome outcome, const LogLevels& listening) {
  const py::object error = outcome.session ? py::none() : to_exception(outcome.session.error());
  log_result(provider.name, provider.probe.name, outcome.id, outcome.session, listening, error);
  PyObject* made = nullptr;
  if (!outcome.session) {
    made = make_from(outcome_type, py::make_tuple(to_text(outcome.id), py::none(), error));
  } else if (const auto place = place_of(provider, outcome)) {
    made = allocate(outcome_type, outcome.id);
    of(made).detail = std::move(outcome.session->detail);
    of(made).state = outcome.session->state;
    of(made).provider = *place;
  } else {
    const py::object session = to_object(*std::move(outcome.session));
    made = make_from(outcome_type, py::make_tuple(to_text(outcome.id), session, error));
  }
  return py::reinterpret_steal<PythonOutcome>(made);
}

void bind_outcome(py::module_& module) {
  static PyGetSetDef attributes[] = {
      {"id", get_id, nullptr, nullptr, nullptr},
      {"session", get_session, nullptr, "The session; None if there is an error.", nullptr},
      {"error", get_error, nullptr,
       "The error that probe would have raised; None if there is a session.", nullptr},
      {},
  };
  static PyMethodDef methods[] = {
      {"__reduce__", reduce, METH_NOARGS, nullptr},
      {nullptr, nullptr, 0, nullptr},
  };
  PyType_Slot slots[] = {
      {Py_tp_doc, const_cast<char*>("What became of one id of a bulk.")},
      {Py_tp_new, reinterpret_cast<void*>(&new_outcome)},
      {Py_tp_traverse, reinterpret_cast<void*>(&traverse)},
      {Py_tp_dealloc, reinterpret_cast<void*>(&destroy)},
      {Py_tp_repr, reinterpret_cast<void*>(&represent)},
      {Py_tp_hash, reinterpret_cast<void*>(&hash_value)},
      {Py_tp_richcompare, reinterpret_cast<void*>(&compare)},
      {Py_tp_methods, methods},
      {Py_tp_getset, attributes},
      {0, nullptr},
  };
  PyType_Spec spec{.name = "sessionvitals._core.Outcome",
                   .basicsize = static_cast<int>(offsetof(OutcomeObject, id)),
                   .itemsize = 1,
                   .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
                   .slots = slots};
  auto type = py::reinterpret_steal<py::object>(PyType_FromSpec(&spec));
  if (!type) throw py::error_already_set();
  module.attr("Outcome") = type;
  outcome_type = reinterpret_cast<PyTypeObject*>(type.release().ptr());
}

}  // namespace sessionvitals::python

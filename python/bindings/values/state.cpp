#include "values/state.h"

namespace sessionvitals::python {

// surrogateescape: what a peer sent need not be UTF-8, and must come back the same.
py::object save_text(const std::string& text) {
  PyObject* saved =
      PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "surrogateescape");
  if (saved == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(saved);
}

std::string load_text(const py::handle& state) {
  const auto bytes = py::reinterpret_steal<py::bytes>(
      PyUnicode_AsEncodedString(state.ptr(), "utf-8", "surrogateescape"));
  if (!bytes) throw py::error_already_set();
  return bytes;
}

}  // namespace sessionvitals::python

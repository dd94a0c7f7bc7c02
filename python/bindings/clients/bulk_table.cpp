#include "sessionvitals/client/bulk_table.h"

#include <memory>

#include "bindings.h"
#include "clients/bulk.h"

namespace sessionvitals::python {

namespace {

// A struct of Arrow's C interface in a capsule, which releases it if nobody has
// taken it over (the names are those of the Arrow PyCapsule interface).
template <class Struct>
py::capsule in_capsule(std::unique_ptr<Struct> made, const char* name) {
  PyObject* capsule = PyCapsule_New(made.get(), name, [](PyObject* self) {
    auto* held = static_cast<Struct*>(PyCapsule_GetPointer(self, PyCapsule_GetName(self)));
    if (held->release != nullptr) held->release(held);
    delete held;
  });
  if (capsule == nullptr) throw py::error_already_set();
  (void)made.release();
  return py::reinterpret_steal<py::capsule>(capsule);
}

py::typing::Tuple<py::str, py::ellipsis> column_names() {
  const auto& names = OutcomeTable::column_names();
  py::typing::Tuple<py::str, py::ellipsis> made((py::tuple(names.size())));
  for (std::size_t i = 0; i < names.size(); ++i) made[i] = py::str(std::string(names[i]));
  return made;
}

// What other libraries make of a table is written in Python.
void bind_conversions(py::class_<OutcomeTable, std::shared_ptr<OutcomeTable>>& table) {
  const auto by = [](const char* module, const char* function) {
    return [module, function](const py::object& self) -> py::object {
      return py::module_::import(module).attr(function)(self);
    };
  };
  table
      .def("to_arrow", by("sessionvitals.showing.tables", "to_arrow"),
           "Return a pyarrow.Table, without a copy. Needs pyarrow.")
      .def(
          "to_pandas", by("sessionvitals.showing.tables", "to_pandas"),
          "Return a pandas.DataFrame of Arrow's types: numbers are exact, and what was not said is "
          "null. Needs pandas and pyarrow.")
      .def("to_polars", by("sessionvitals.showing.tables", "to_polars"),
           "Return a polars.DataFrame. Needs polars.")
      .def("_repr_html_", by("sessionvitals.showing.notebook", "html_of_table"));
}

}  // namespace

void bind_bulk_table(py::module_& module) {
  auto table = py::class_<OutcomeTable, std::shared_ptr<OutcomeTable>>(
      module, "OutcomeTable",
      "Outcomes as columns, one row each. pyarrow.table(t), polars.DataFrame(t), DuckDB and "
      "others read it without a copy, by Arrow's PyCapsule interface.",
      py::is_final());
  table.def(py::init<std::string_view>(), py::arg("provider"))
      .def("__len__", &OutcomeTable::size)
      .def_property_readonly(
          "column_names", [](const OutcomeTable&) { return column_names(); },
          "The columns' names, in their order.")
      .def(
          "__arrow_c_schema__",
          [](const OutcomeTable&) {
            auto schema = std::make_unique<ArrowSchema>();
            OutcomeTable::export_schema(schema.get());
            return in_capsule(std::move(schema), "arrow_schema");
          },
          "The type of a row, for Arrow.")
      .def(
          "__arrow_c_stream__",
          [](OutcomeTable& self, const py::object&) {
            auto stream = std::make_unique<ArrowArrayStream>();
            self.export_stream(stream.get());
            return in_capsule(std::move(stream), "arrow_array_stream");
          },
          py::arg("requested_schema") = py::none(),
          "The rows there are now, for Arrow; they come in the table's own types.")
      .def("__repr__", [](const OutcomeTable& self) {
        return py::str("OutcomeTable({} rows)").format(self.size());
      });
  bind_conversions(table);
}

}  // namespace sessionvitals::python

#include <pybind11/stl.h>

#include "bindings.h"
#include "sessionvitals/providers/reading/json.h"

/// The tables of members as they are, for tests to look at: structs with a field of
/// every kind that a vendor's may have.

namespace sessionvitals {

namespace python {

namespace {

struct Part {
  std::string name;
  std::optional<JsonText> anything;
  std::vector<ExtraMember> extra;
};

struct Whole {
  std::string text;
  std::int64_t integer = 0;
  double number = 0;
  bool flag = false;
  Timestamp time;
  Part part;
  std::vector<Part> parts;
  std::optional<std::string> maybe_text;
  std::optional<std::chrono::seconds> seconds;
  std::optional<std::chrono::milliseconds> milliseconds;
  std::optional<std::vector<double>> numbers;
  std::vector<std::string> words;
  std::vector<ExtraMember> extra;
  std::vector<std::string> null_members;
};

}  // namespace

}  // namespace python

template <>
constexpr auto providers::kMembers<python::Part> = std::array{
    required<&python::Part::name>("name"),
    opaque<&python::Part::anything>("anything"),
};

template <>
constexpr auto providers::kMembers<python::Whole> = std::array{
    required<&python::Whole::text>("text"),
    required<&python::Whole::integer>("integer"),
    required<&python::Whole::number>("number"),
    required<&python::Whole::flag>("flag"),
    required<&python::Whole::time>("time"),
    required<&python::Whole::part>("part"),
    required<&python::Whole::parts>("parts"),
    optional<&python::Whole::maybe_text>("maybe_text"),
    optional<&python::Whole::seconds>("seconds"),
    optional<&python::Whole::milliseconds>("milliseconds"),
    optional<&python::Whole::numbers>("numbers"),
    optional<&python::Whole::words>("words"),
};

namespace python {

void bind_json(py::module_& module) {
  module.def(
      "inspect_json_reading",
      [](const py::bytes& text) {
        Whole whole;
        if (auto violation = providers::read_json(std::string_view(text), whole)) {
          raise(Error(*std::move(violation)));
        }
        return py::bytes(value_or_raise(providers::write_json(whole)));
      },
      py::arg("text"), "Read an object by a table of members and return it as it is written.");
  module.def(
      "inspect_json_writing",
      [](const py::bytes& name, double number, const py::bytes& anything) {
        Whole whole;
        whole.number = number;
        whole.part = {.name = name, .anything = JsonText{anything}, .extra = {}};
        return py::bytes(value_or_raise(providers::write_json(whole)));
      },
      py::kw_only(), py::arg("name") = py::bytes("n"), py::arg("number") = 0.0,
      py::arg("anything") = py::bytes("null"),
      "Write an object with these values by a table of members. Raises ConfigurationError.");
}

}  // namespace python

}  // namespace sessionvitals

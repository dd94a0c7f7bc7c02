// Values from their fields, and back: as arguments, as JSON and as a pickle has them.

#include <algorithm>
#include <string_view>

#include "values/casters.h"
#include "values/value_type.h"

namespace sessionvitals::python {

namespace {

// Puts the name before a complaint, which has none.
template <class Take>
void with_name(const std::string& name, Take&& take) {
  try {
    take();
  } catch (const py::type_error& error) {
    throw py::type_error(name + " " + error.what());
  } catch (const py::value_error& error) {
    throw py::value_error(name + " " + error.what());
  }
}

std::string read_name(const py::handle& key) {
  if (PyUnicode_Check(key.ptr()) == 0) throw py::type_error("the name of a field must be a str");
  return from_text(key);
}

bool is_given(const py::dict& fields, const std::string& name) {
  const py::str key(name);
  return fields.contains(key) && !fields[key].is_none();
}

// A field that is there in both forms: the one that is None does not count.
bool is_other_form_given(const Field& field, bool is_exact, const py::dict& fields) {
  if (field.exact_name.empty() || field.exact_name == field.name) return false;
  return is_given(fields, is_exact ? field.name : field.exact_name);
}

void fill(const ValueClassData& data, void* value, const py::dict& fields) {
  for (const auto& [key, given] : fields) {
    const std::string name = read_name(key);
    const auto found = std::ranges::find_if(data.fields, [&](const Field& field) {
      return field.name == name || (!name.empty() && field.exact_name == name);
    });
    if (found == data.fields.end()) {
      throw py::type_error(data.name + " has no field '" + name + "'");
    }
    const bool is_exact = found->name != name;
    if (is_other_form_given(*found, is_exact, fields)) {
      if (given.is_none()) continue;
      throw py::type_error(data.name + ": pass " + found->name + " or " + found->exact_name +
                           ", not both");
    }
    with_name(data.name + ": " + name,
              [&, &given = given] { (is_exact ? found->take_exact : found->take)(value, given); });
  }
}

void require_all(const ValueClassData& data, const py::dict& fields) {
  for (const Field& field : data.fields) {
    if (!field.is_required || fields.contains(py::str(field.name))) continue;
    throw py::type_error(data.name + " needs '" + field.name + "'");
  }
}

py::dict copy_of(const py::dict& fields) {
  // What is asked for a field's value may change the dict that it is in.
  py::dict copy = py::reinterpret_steal<py::dict>(PyDict_Copy(fields.ptr()));
  if (!copy) throw py::error_already_set();
  return copy;
}

}  // namespace

py::object make_value(const ValueClassData& data, const void* from, const py::dict& given) {
  const py::dict fields = copy_of(given);
  if (from == nullptr) require_all(data, fields);
  return data.make(from, [&](void* value) { fill(data, value, fields); });
}

py::object value_from_plain(const ValueClassData& data, const py::dict& members) {
  const py::dict fields = copy_of(members);
  for (const ComputedField& computed : data.computed) {
    PyDict_DelItemString(fields.ptr(), computed.name.c_str());
    PyErr_Clear();
  }
  return make_value(data, nullptr, fields);
}

py::dict plain_value(const ValueClassData& data, const void* value) {
  py::dict members;
  for (const Field& field : data.fields) {
    if (field.is_aside) continue;
    const py::str name(field.json_name);
    try {
      members[name] = field.plain(value);
    } catch (py::error_already_set& error) {
      if (!field.is_json || !error.matches(PyExc_Exception)) throw;
      members[name] = py::none();  // what cannot be read stays text
      members[py::str(field.exact_name)] = field.exact(value);
    }
  }
  for (const ComputedField& computed : data.computed) {
    members[py::str(computed.name)] = computed.get(value);
  }
  return members;
}

py::dict save_value(const ValueClassData& data, const void* value) {
  py::dict state;
  for (const Field& field : data.fields) state[py::str(field.name)] = field.save(value);
  return state;
}

py::object restore_value(const ValueClassData& data, const py::dict& state) {
  const auto complain = [&](const std::string& name, const char* problem) {
    throw py::value_error("a pickled " + data.name + " " + problem + " '" + name +
                          "': another version of sessionvitals wrote it");
  };
  const py::dict given = copy_of(state);
  for (const Field& field : data.fields) {
    if (field.is_required && !given.contains(py::str(field.name))) complain(field.name, "lacks");
  }
  return data.make(nullptr, [&](void* value) {
    for (const auto& [key, saved] : given) {
      const std::string name = read_name(key);
      const auto field = std::ranges::find(data.fields, name, &Field::name);
      if (field == data.fields.end()) complain(name, "has an unknown");
      with_name("a pickled " + data.name + ": " + name,
                [&, &saved = saved] { field->load(value, saved); });
    }
  });
}

}  // namespace sessionvitals::python

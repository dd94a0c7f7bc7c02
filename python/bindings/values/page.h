#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "sessionvitals/operation.h"
#include "values/value_object.h"

/// How the answers that are no values of their own cross into Python: a Page as
/// sessionvitals.page.Page, a tuple that knows the next one; NoContent as the
/// report of its call, which the clients do not hand on.
namespace sessionvitals::python {

/// Returns a Page of these items.
py::object to_page(py::tuple items, const std::optional<std::string>& next,
                   std::shared_ptr<const CallReport> call);

}  // namespace sessionvitals::python

namespace pybind11::detail {

template <class T>
requires sessionvitals::python::IsValue<T>
class type_caster<sessionvitals::Page<T>> {
 public:
  static constexpr auto name = const_name("sessionvitals.page.Page[") +
                               sessionvitals::python::ValueName<T>::text + const_name("]");

  static handle cast(sessionvitals::Page<T> page, return_value_policy, handle) {
    tuple items(page.items.size());
    for (std::size_t i = 0; i < page.items.size(); ++i) {
      items[i] = sessionvitals::python::to_object<T>(std::move(page.items[i]));
    }
    return sessionvitals::python::to_page(std::move(items), page.next, std::move(page.call))
        .release();
  }
};

template <>
class type_caster<sessionvitals::NoContent> {
 public:
  static constexpr auto name = const_name("sessionvitals._core.CallReport");

  static handle cast(sessionvitals::NoContent done, return_value_policy, handle) {
    return sessionvitals::python::to_object(std::move(done.call)).release();
  }
};

}  // namespace pybind11::detail

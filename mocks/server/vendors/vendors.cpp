#include <array>

#include "vendors/eliza/eliza.h"
#include "vendors/ping/ping.h"
#include "vendors/tiun.h"
#include "vendors/vendor.h"

namespace mock {

std::span<const Vendor* const> vendors() {
  static const std::array kVendors{
      tiun(),
      ping(),
      eliza(),
  };
  return kVendors;
}

const Vendor& vendor_named(std::string_view name, const std::string& member) {
  std::string list;
  for (const Vendor* vendor : vendors()) {
    if (vendor->name() == name) return *vendor;
    list.append(list.empty() ? "" : ", ").append(vendor->name());
  }
  throw BadRequest(member, "must be one of " + list + ", found \"" + std::string(name) + "\"");
}

bool is_operation(std::string_view name) {
  for (const Vendor* vendor : vendors()) {
    for (const Route& route : vendor->routes()) {
      if (route.operation == name) return true;
    }
  }
  return false;
}

std::size_t index_of(const Vendor& vendor) {
  std::size_t index = 0;
  while (vendors()[index] != &vendor) ++index;
  return index;
}

}  // namespace mock

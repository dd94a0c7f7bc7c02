#include "sessionvitals/provider.h"

#include <algorithm>
#include <array>

#include "sessionvitals/providers/eliza.h"
#include "sessionvitals/providers/ping.h"
#include "sessionvitals/providers/tiun.h"

namespace sessionvitals {

std::span<const Provider* const> all_providers() {
  static constexpr std::array kAll = {
      &providers::eliza,
      &providers::ping,
      &providers::tiun,
  };
  return kAll;
}

const Provider* find_provider(std::string_view name) {
  const auto all = all_providers();
  const auto found = std::ranges::find(all, name, &Provider::name);
  return found == all.end() ? nullptr : *found;
}

}  // namespace sessionvitals

#include "sessionpulse/provider.h"

#include <algorithm>
#include <array>

#include "sessionpulse/providers/eliza.h"
#include "sessionpulse/providers/ping.h"
#include "sessionpulse/providers/tiun.h"

namespace sessionpulse {

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

}  // namespace sessionpulse

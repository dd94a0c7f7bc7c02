// A bound on memory that several holders share.
#pragma once

#include <cstddef>

namespace mock {

struct Budget {
  std::size_t max = 0;  // bytes
  std::size_t used = 0;

  bool has_room_for(std::size_t bytes) const { return used <= max && bytes <= max - used; }
};

/// Throws BadRequest (409), in words for sessions and faults, unless so many bytes are left.
void require_room(const Budget& budget, std::size_t bytes);

}  // namespace mock

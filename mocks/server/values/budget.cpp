#include "values/budget.h"

#include <string>

#include "values/json.h"

namespace mock {

void require_room(const Budget& budget, std::size_t bytes) {
  if (budget.has_room_for(bytes)) return;
  throw BadRequest("",
                   "the sessions and faults of all spaces may hold " + std::to_string(budget.max) +
                       " bytes together, and " + std::to_string(budget.used) +
                       " are used; drop some, or start the mock with a larger --sandbox-bytes",
                   409);
}

}  // namespace mock

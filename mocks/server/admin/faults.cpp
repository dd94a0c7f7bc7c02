#include <charconv>

#include "admin/calls.h"
#include "sandbox/space.h"

namespace mock {

Answer list_faults(AdminCall& call) {
  Json scripts = Json::array();
  std::int64_t fired = 0;
  bool unfired = false;
  for (const FaultScript& script : call.space.faults.scripts()) {
    scripts.push_back(to_json(script));
    fired += script.fired;
    unfired |= !script.is_over();
  }
  return admin_json(200, {{"faults", std::move(scripts)}, {"fired", fired}, {"unfired", unfired}});
}

Answer add_faults(AdminCall& call) {
  FaultRequest request = read_faults(call.body(), "");
  if (request.scope.connect && call.space.name() != "default") {
    throw BadRequest("scope.phase",
                     "a connection has no space yet; only the space default takes it");
  }
  return admin_json(
      201, to_json(call.space.faults.add(std::move(request.scope), std::move(request.faults))));
}

Answer drop_faults(AdminCall& call) {
  const std::size_t count = call.space.faults.scripts().size();
  call.space.faults.clear();
  return admin_json(200, {{"removed", count}});
}

Answer drop_one_fault(AdminCall& call) {
  const std::string& text = call.names[0];
  std::int64_t id = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), id);
  const bool is_number = read.ec == std::errc() && read.ptr == text.data() + text.size();
  if (!is_number || !call.space.faults.remove(id)) {
    throw BadRequest("", "no fault script " + text + " in this space", 404);
  }
  return admin_json(200, {{"removed", 1}});
}

}  // namespace mock

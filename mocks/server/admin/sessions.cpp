#include <set>

#include "admin/calls.h"
#include "admin/query.h"
#include "mock.h"
#include "sandbox/seeding.h"

namespace mock {

namespace {

// From the path, or from the query: browsers and curl take the ids . and .. out of a path.
std::string session_id(const AdminCall& call) {
  if (call.names.size() > 1) return call.names[1];
  auto id = query_value(call.query, "id");
  if (!id || id->empty()) throw BadRequest("id", "must be in the path or in the query");
  return std::move(*id);
}

Session& find(AdminCall& call, const Vendor& vendor) {
  const std::string id = session_id(call);
  Session* session = call.space.sessions(vendor).find(id);
  if (session != nullptr) return *session;
  throw BadRequest("", "no " + call.names[0] + " session \"" + id + "\" in this space", 404);
}

// The session as it is shown, once it is in the space.
Json stored(Space& space, Seed seed) {
  const Vendor& vendor = *seed.vendor;
  return show_session(space, vendor, store_session(space, std::move(seed)));
}

const Vendor& named_vendor(const AdminCall& call) {
  try {
    return vendor_named(call.names[0], "provider");
  } catch (const BadRequest& refusal) {
    throw BadRequest("provider", refusal.what(), 404);
  }
}

}  // namespace

Answer list_sessions(AdminCall& call) {
  const auto provider = query_value(call.query, "provider");
  if (provider) vendor_named(*provider, "provider");
  const auto limit = number_in<std::size_t>(call.query, "limit", 1, 10000).value_or(SIZE_MAX);
  Json sessions = Json::array();
  std::size_t total = 0;
  for (const Vendor* vendor : vendors()) {
    if (provider && vendor->name() != *provider) continue;
    const SessionStore& store = call.space.sessions(*vendor);
    total += store.size();
    for (Session* session : store.in_order(limit - sessions.size())) {
      sessions.push_back(show_session(call.space, *vendor, *session));
    }
  }
  return admin_json(200, {{"sessions", std::move(sessions)}, {"total", total}});
}

Answer add_sessions(AdminCall& call) {
  const Json body = call.body();
  if (!body.is_object() || !body.contains("sessions")) {
    return admin_json(201, stored(call.space, read_session(call.space, body, "")));
  }
  Members members(body, "");
  const Json* list = members.array("sessions");
  members.refuse_others();
  // All are read before any is stored, so that a mistake in the last one stores none.
  std::vector<Seed> seeds;
  std::set<std::pair<const Vendor*, std::string_view>> named;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const std::string path = "sessions[" + std::to_string(i) + "]";
    const Seed& seed = seeds.emplace_back(read_session(call.space, (*list)[i], path));
    if (!named.emplace(seed.vendor, seed.session->id).second) {
      throw BadRequest(path + ".id", "stands twice");
    }
    bytes += seed.session->bytes();
  }
  require_room(call.mock.spaces().sandbox_budget(), bytes);
  Json shown = Json::array();
  for (Seed& seed : seeds) shown.push_back(stored(call.space, std::move(seed)));
  return admin_json(201, {{"sessions", std::move(shown)}});
}

Answer drop_sessions(AdminCall& call) {
  const std::size_t count = call.space.session_count();
  for (const Vendor* vendor : vendors()) call.space.sessions(*vendor).clear();
  return admin_json(200, {{"removed", count}});
}

Answer show_one_session(AdminCall& call) {
  const Vendor& vendor = named_vendor(call);
  return admin_json(200, show_session(call.space, vendor, find(call, vendor)));
}

Answer change_one_session(AdminCall& call) {
  const Vendor& vendor = named_vendor(call);
  Session& session = change_session(call.space, vendor, find(call, vendor), call.body(), "");
  return admin_json(200, show_session(call.space, vendor, session));
}

Answer drop_one_session(AdminCall& call) {
  const Vendor& vendor = named_vendor(call);
  find(call, vendor);
  call.space.sessions(vendor).remove(session_id(call));
  return admin_json(200, {{"removed", 1}});
}

}  // namespace mock

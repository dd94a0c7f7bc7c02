#include "sandbox/seeding.h"

#include <algorithm>

namespace mock {

namespace {

std::string state_word(const Vendor& vendor, const std::string& state, const std::string& member) {
  if (std::ranges::find(vendor.states(), state) != vendor.states().end()) return state;
  std::string list;
  for (const std::string_view word : vendor.states()) {
    list.append(list.empty() ? "" : ", ").append(word);
  }
  throw BadRequest(member, "must be one of " + list + ", found \"" + state + "\"");
}

Transition read_transition(const Vendor& vendor, const Json& json, const std::string& path) {
  Members members(json, path);
  Transition transition;
  if (const auto seconds = members.optional_number("after")) {
    if (*seconds < 0) throw BadRequest(members.path_of("after"), "must not be negative");
    transition.after = milliseconds_from_seconds(*seconds);
  }
  transition.reads = members.optional_integer("reads");
  if (transition.reads && *transition.reads < 1) {
    throw BadRequest(members.path_of("reads"), "must be at least 1");
  }
  if (transition.after.has_value() == transition.reads.has_value()) {
    throw BadRequest(path, "needs exactly one of after (seconds) and reads");
  }
  transition.state = state_word(vendor, members.string("state"), members.path_of("state"));
  members.refuse_others();
  return transition;
}

std::vector<Transition> read_transitions(const Vendor& vendor, Members& members) {
  std::vector<Transition> transitions;
  const Json* list = members.array("transitions");
  if (list == nullptr) return transitions;
  for (const Json& json : *list) {
    const std::string path =
        members.path_of("transitions") + "[" + std::to_string(transitions.size()) + "]";
    transitions.push_back(read_transition(vendor, json, path));
  }
  return transitions;
}

}  // namespace

Seed read_session(const Sandbox& space, const Json& json, const std::string& path) {
  Members members(json, path);
  const std::string provider = members.string("provider");
  const std::string place = members.path_of("provider");
  const Vendor& vendor = vendor_named(provider, place);
  std::string id = members.string("id");
  if (id.empty() || id.size() > 4096) {
    throw BadRequest(members.path_of("id"), "must have 1 to 4096 characters");
  }
  std::string state = state_word(vendor, members.string("state"), members.path_of("state"));
  const Time now = space.clock.now();
  Timeline timeline(now, std::move(state), read_transitions(vendor, members));
  auto session = vendor.create(std::move(id), std::move(timeline));
  vendor.read(*session, members, now);
  members.refuse_others();
  return {&vendor, std::move(session)};
}

Session& store_session(Sandbox& space, Seed seed) {
  return space.sessions(*seed.vendor).put(std::move(seed.session));
}

Session& change_session(Sandbox& space, const Vendor& vendor, const Session& session,
                        const Json& json, const std::string& path) {
  Members members(json, path);
  const Time now = space.clock.now();
  const auto state = members.optional_string("state");
  if (state) state_word(vendor, *state, members.path_of("state"));
  auto transitions = read_transitions(vendor, members);
  const auto provider = members.optional_string("provider");
  const auto id = members.optional_string("id");
  if ((provider && *provider != vendor.name()) || (id && *id != session.id)) {
    throw BadRequest(members.path_of(provider && *provider != vendor.name() ? "provider" : "id"),
                     "cannot be changed");
  }
  auto changed = session.clone();
  if (state) changed->timeline.push(now, *state);  // before what is planned from then on
  vendor.read(*changed, members, now);
  members.refuse_others();
  if (members.has("transitions")) changed->timeline.plan(std::move(transitions));
  return space.sessions(vendor).put(std::move(changed));
}

Json show_session(Sandbox& space, const Vendor& vendor, Session& session) {
  const Time now = space.clock.now();
  const Timeline::Period& period = session.timeline.at(now);
  Json json = {{"provider", vendor.name()},
               {"id", session.id},
               {"state", period.state},
               {"since", iso_time(period.from)},
               {"reads", period.reads}};
  vendor.show(session, json, now);
  Json transitions = Json::array();
  for (size_t i = session.timeline.done(); i < session.timeline.transitions().size(); ++i) {
    const Transition& transition = session.timeline.transitions()[i];
    Json shown = Json::object();
    if (transition.after) shown["after"] = static_cast<double>(*transition.after) / 1000.0;
    if (transition.reads) shown["reads"] = *transition.reads;
    shown["state"] = transition.state;
    transitions.push_back(std::move(shown));
  }
  if (!transitions.empty()) json["transitions"] = std::move(transitions);
  return json;
}

Json save_session(Sandbox& space, const Vendor& vendor, Session& session) {
  const Time now = space.clock.now();
  Json json = show_session(space, vendor, session);
  vendor.leave_seed(json);
  for (const char* name : {"since", "reads"}) json.erase(name);
  if (!json.contains("transitions")) return json;
  // The time and the reads of the present state count from its beginning; a seed's from now.
  const Timeline::Period& period = session.timeline.at(now);
  const Transition& next = session.timeline.transitions()[session.timeline.done()];
  Json& shown = json["transitions"][0];
  if (next.after) {
    const Time left = std::max<Time>(0, *next.after - (now - period.from));
    shown["after"] = static_cast<double>(left) / 1000.0;
  }
  if (next.reads) shown["reads"] = std::max<std::int64_t>(1, *next.reads - period.reads);
  return json;
}

}  // namespace mock

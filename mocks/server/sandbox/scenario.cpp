#include "sandbox/scenario.h"

#include <fstream>
#include <sstream>

#include "sandbox/seeding.h"

namespace mock {

namespace {

constexpr std::int64_t kMostRepeats = 200000;

// Every {n} in the strings of a session becomes the number of the repeat.
Json numbered(const Json& json, const std::string& number) {
  if (json.is_string()) {
    std::string text = json.get<std::string>();
    for (std::size_t at = text.find("{n}"); at != std::string::npos; at = text.find("{n}", at)) {
      text.replace(at, 3, number);
    }
    return text;
  }
  if (!json.is_structured()) return json;
  Json copy = json;
  for (Json& element : copy) element = numbered(element, number);
  return copy;
}

void seed_all(Sandbox& space, const Json& sessions) {
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    const std::string path = "sessions[" + std::to_string(i) + "]";
    const Json& session = sessions[i];
    if (!session.is_object() || !session.contains("repeat")) {
      seed_session(space, session, path);
      continue;
    }
    const auto repeat = Members(session, path).optional_integer("repeat");
    if (!repeat || *repeat < 1 || *repeat > kMostRepeats) {
      throw Refusal(path + ".repeat", "must be from 1 to " + std::to_string(kMostRepeats));
    }
    Json once = session;
    once.erase("repeat");
    for (std::int64_t n = 0; n < *repeat; ++n) {
      seed_session(space, numbered(once, std::to_string(n)), path);
    }
  }
}

void set_clock(Clock& clock, const Json& json) {
  Members members(json, "clock");
  if (const auto set = members.optional_time("set")) clock.set(*set);
  if (members.optional_boolean("freeze").value_or(false)) clock.freeze();
  members.refuse_others();
}

}  // namespace

void load(Space& space, const Json& scenario) {
  Members members(scenario, "");
  members.optional_string("$schema");
  members.optional_string("about");
  Sandbox loaded;
  if (const Json* clock = members.object("clock")) set_clock(loaded.clock, *clock);
  if (const Json* keys = members.object("keys")) change(loaded.keys, *keys, "keys");
  if (const Json* dialect = members.object("dialect")) change(loaded.dialect, *dialect, "dialect");
  if (const Json* limits = members.object("limits")) loaded.limits.change(*limits, "limits");
  if (const Json* sessions = members.array("sessions")) seed_all(loaded, *sessions);
  std::vector<FaultRequest> faults;
  if (const Json* list = members.array("faults")) {
    for (std::size_t i = 0; i < list->size(); ++i) {
      faults.push_back(read_faults((*list)[i], "faults[" + std::to_string(i) + "]"));
    }
  }
  members.refuse_others();
  static_cast<Sandbox&>(space) = std::move(loaded);
  space.started_at = space.clock.now();
  space.faults.clear();
  for (FaultRequest& request : faults) {
    space.faults.add(std::move(request.scope), std::move(request.faults));
  }
}

std::string load_file(Space& space, const std::string& file) {
  std::ifstream input(file, std::ios::binary);
  std::stringstream content;
  if (!input || !(content << input.rdbuf())) return file + ": cannot be read";
  const std::string text = std::move(content).str();
  try {
    load(space, parse_json(text));
    return "";
  } catch (const Refusal& refusal) {
    return file + ":" + std::to_string(line_of(text, refusal.member())) + ": " + refusal.what();
  }
}

}  // namespace mock

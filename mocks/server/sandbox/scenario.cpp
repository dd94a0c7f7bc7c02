#include "sandbox/scenario.h"

#include "sandbox/files.h"
#include "sandbox/seeding.h"

namespace mock {

namespace {

// Of all sessions of a scenario with "repeat" together: their number, and the characters of their
// texts. More is a slip of the pen, and would hold everybody up.
constexpr std::int64_t kMaxRepeats = 200000;
constexpr std::int64_t kMaxRepeatedText = 256 * 1024 * 1024;

constexpr std::string_view kPlace = "{n}";

// Every {n} in the strings of a session becomes the number of the repeat.
Json numbered(const Json& json, const std::string& number) {
  if (json.is_string()) {
    const std::string_view text = json.get_ref<const std::string&>();
    std::string replaced;
    std::size_t at = 0;
    for (std::size_t next; (next = text.find(kPlace, at)) != text.npos; at = next + kPlace.size()) {
      replaced.append(text.substr(at, next - at)).append(number);
    }
    return replaced.append(text.substr(at));
  }
  if (!json.is_structured()) return json;
  Json copy = json;
  for (Json& element : copy) element = numbered(element, number);
  return copy;
}

// No fewer characters than the texts have with the largest number in each {n}.
std::int64_t text_size(const Json& json) {
  constexpr std::int64_t kMaxDigits = 6;
  if (json.is_string()) {
    const auto size = std::ssize(json.get_ref<const std::string&>());
    return size * kMaxDigits / std::ssize(kPlace);
  }
  std::int64_t size = 1;
  if (json.is_structured()) {
    for (const Json& element : json) size += text_size(element);
  }
  return size;
}

struct Repeated {
  std::int64_t count = 0;
  std::int64_t text = 0;
};

// How often a session is to be stored. Throws BadRequest when all together are too many.
std::int64_t repeats_of(const Json& session, const std::string& path, Repeated& all) {
  if (!session.is_object() || !session.contains("repeat")) return 0;
  const std::string member = path + ".repeat";
  const auto repeat = Members(session, path).optional_integer("repeat");
  if (!repeat || *repeat < 1 || *repeat > kMaxRepeats) {
    throw BadRequest(member, "must be from 1 to " + std::to_string(kMaxRepeats));
  }
  all.count += *repeat;
  all.text += *repeat * text_size(session);
  if (all.count > kMaxRepeats) {
    throw BadRequest(member, "all repeats together may be at most " + std::to_string(kMaxRepeats));
  }
  if (all.text > kMaxRepeatedText) {
    throw BadRequest(member, "the texts of all repeats together may have at most " +
                                 std::to_string(kMaxRepeatedText) + " characters");
  }
  return *repeat;
}

// One of two with the same id would be lost without a word.
void store_new(Sandbox& space, Seed seed, const std::string& path) {
  if (space.sessions(*seed.vendor).find(seed.session->id) != nullptr) {
    throw BadRequest(path + ".id", "stands twice; a session that repeats needs {n} in its id");
  }
  store_session(space, std::move(seed));
}

void seed_all(Sandbox& space, const Json& sessions) {
  std::vector<std::int64_t> repeats;
  Repeated all;
  const auto path_of = [](std::size_t i) { return "sessions[" + std::to_string(i) + "]"; };
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    repeats.push_back(repeats_of(sessions[i], path_of(i), all));
  }
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    if (repeats[i] == 0) {
      store_new(space, read_session(space, sessions[i], path_of(i)), path_of(i));
      continue;
    }
    Json once = sessions[i];
    once.erase("repeat");
    for (std::int64_t n = 0; n < repeats[i]; ++n) {
      store_new(space, read_session(space, numbered(once, std::to_string(n)), path_of(i)),
                path_of(i));
    }
  }
}

void set_clock(Clock& clock, const Json& json) {
  Members members(json, "clock");
  // Stopped first, so that no time goes by between the two.
  if (members.optional_boolean("freeze").value_or(false)) clock.freeze();
  if (const auto set = members.optional_time("set")) clock.set(*set);
  members.refuse_others();
}

}  // namespace

void load(Space& space, const Json& scenario, Budget& budget) {
  Members members(scenario, "");
  members.optional_string("$schema");
  members.optional_string("about");
  Sandbox loaded(budget);
  if (const Json* clock = members.object("clock")) set_clock(loaded.clock, *clock);
  if (const Json* keys = members.object("keys")) change(loaded.keys, *keys, "keys");
  if (const Json* dialect = members.object("dialect")) change(loaded.dialect, *dialect, "dialect");
  if (const Json* agent = members.object("agent")) change(loaded.agent, *agent, "agent");
  if (const Json* account = members.object("account")) {
    change(loaded.account, *account, "account", loaded.clock.now());
  }
  if (const Json* browser = members.object("browser")) change(loaded.browser, *browser, "browser");
  if (const Json* limits = members.object("limits")) loaded.limits.change(*limits, "limits");
  if (const Json* sessions = members.array("sessions")) seed_all(loaded, *sessions);
  Faults faults(budget);
  if (const Json* list = members.array("faults")) {
    for (std::size_t i = 0; i < list->size(); ++i) {
      FaultRequest request = read_faults((*list)[i], "faults[" + std::to_string(i) + "]");
      faults.add(std::move(request.scope), std::move(request.faults));
    }
  }
  members.refuse_others();
  static_cast<Sandbox&>(space) = std::move(loaded);
  space.started_at = space.clock.now();
  space.faults.swap(faults);
}

Json save(Space& space) {
  Json clock = {{"set", iso_time(space.clock.now())}};
  if (space.clock.is_frozen()) clock["freeze"] = true;
  Json sessions = Json::array();
  for (const Vendor* vendor : vendors()) {
    for (Session* session : space.sessions(*vendor).in_order()) {
      sessions.push_back(save_session(space, *vendor, *session));
    }
  }
  Json faults = Json::array();
  for (const FaultScript& script : space.faults.scripts()) {
    if (!script.is_over()) faults.push_back(to_request(script));
  }
  return {{"clock", std::move(clock)},         {"keys", to_json(space.keys)},
          {"dialect", to_json(space.dialect)}, {"agent", to_json(space.agent)},
          {"account", to_json(space.account)}, {"browser", to_json(space.browser)},
          {"limits", space.limits.show()},     {"sessions", std::move(sessions)},
          {"faults", std::move(faults)}};
}

std::string load_file(Space& space, const std::string& file, Budget& budget) {
  const auto text = read_file(file);
  if (!text) return file + ": cannot be read";
  try {
    load(space, parse_json(*text, Duplicates::refused), budget);
    return "";
  } catch (const BadRequest& refusal) {
    return file + ":" + std::to_string(line_of(*text, refusal)) + ": " + refusal.what();
  }
}

}  // namespace mock

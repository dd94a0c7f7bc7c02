// The JSON form of faults, and what holds for every fault whatever its form.
#include <algorithm>

#include "faults/words.h"
#include "vendors/vendor.h"

namespace mock {

namespace {

using Ending = WirePlan::Ending;

constexpr std::int64_t kMaxWait = 3600000;  // an hour; more is a slip of the pen

std::string_view word_of(FaultKind kind) {
  for (const auto& [word, known] : kFaultWords) {
    if (known == kind) return word;
  }
  return "";
}

std::int64_t read_seconds(Members& members, const char* name) {
  return milliseconds_from_seconds(members.optional_number(name).value_or(0));
}

void read_headers(Members& members, Fault& fault) {
  const Json* headers = members.object("headers");
  if (headers == nullptr) return;
  for (const auto& [name, value] : headers->items()) {
    const std::string path = members.path_of("headers") + "." + name;
    for (const Json& one : value.is_array() ? value : Json::array({value})) {
      if (!one.is_string()) throw BadRequest(path, "must be a string or an array of strings");
      fault.headers.push_back({name, one.get<std::string>()});
    }
  }
}

// A string is sent as it is; anything else as JSON.
void read_body(Members& members, Fault& fault) {
  const Json* body = members.any("body");
  if (body == nullptr) return;
  fault.body = body->is_string() ? body->get<std::string>() : to_text(*body);
  const bool has_type = std::ranges::any_of(fault.headers, [](const Header& header) {
    return equals_ignoring_case(header.name, "content-type");
  });
  if (!body->is_string() && !has_type)
    fault.headers.push_back({"Content-Type", "application/json"});
}

std::string from_hex(const std::string& hex, const std::string& member) {
  const auto digit = [&](char c) {
    const std::size_t value = std::string_view("0123456789abcdef").find(c);
    if (value == std::string_view::npos) throw BadRequest(member, "must be lower-case hex digits");
    return static_cast<int>(value);
  };
  if (hex.size() % 2 != 0) throw BadRequest(member, "must have an even number of digits");
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
  }
  return bytes;
}

bool read_when(Members& members, bool otherwise) {
  if (!members.has("when")) {
    members.any("when");
    return otherwise;
  }
  return members.word("when", {"before", "after"}) == "after";
}

Fault read_fault(const Json& json, const std::string& path, bool after) {
  Members members(json, path);
  Fault fault;
  const std::string word = members.string("kind");
  const auto known =
      std::ranges::find(kFaultWords, word, [](const auto& pair) { return pair.first; });
  if (known == kFaultWords.end()) {
    std::string list;
    for (const auto& pair : kFaultWords) list.append(list.empty() ? "" : ", ").append(pair.first);
    throw BadRequest(members.path_of("kind"),
                     "must be one of " + list + ", found \"" + word + "\"");
  }
  fault.kind = known->second;
  fault.times = members.optional_integer("times").value_or(1);
  fault.after = read_when(members, after);
  fault.delay = read_seconds(members, "delay");
  fault.delay_most = read_seconds(members, "delay_most");
  fault.http_status = static_cast<int>(
      std::clamp<std::int64_t>(members.optional_integer("http_status").value_or(0), -1, 1000));
  read_headers(members, fault);
  read_body(members, fault);
  fault.bytes = members.optional_integer("bytes").value_or(0);
  fault.events = members.optional_integer("events");
  fault.every = read_seconds(members, "every");
  fault.by = members.optional_integer("by").value_or(10);
  if (fault.by == 0) {
    throw BadRequest(members.path_of("by"), "must not be 0: the length would be the right one");
  }
  fault.stall = read_seconds(members, "for");
  fault.during = members.optional_boolean("during").value_or(false);
  fault.raw = members.optional_string("text").value_or("");
  if (const auto hex = members.optional_string("hex")) {
    fault.raw = from_hex(*hex, members.path_of("hex"));
  }
  if (members.has("ending")) {
    const std::string ending = members.word("ending", {"close", "reset", "keep"});
    fault.ending = ending == "close"   ? Ending::close
                   : ending == "reset" ? Ending::reset
                                       : Ending::keep;
  }
  members.refuse_others();
  complete(fault, path);
  return fault;
}

FaultScope read_scope(const Json& json, const std::string& path) {
  Members members(json, path);
  FaultScope scope;
  scope.provider = members.optional_string("provider").value_or("");
  scope.operation = members.optional_string("operation").value_or("");
  scope.session_id = members.optional_string("session_id").value_or("");
  if (members.has("phase"))
    scope.connect = members.word("phase", {"connect", "request"}) == "connect";
  members.refuse_others();
  if (!scope.provider.empty()) vendor_named(scope.provider, path + ".provider");
  if (!scope.operation.empty()) {
    if (!is_operation(scope.operation)) {
      throw BadRequest(path + ".operation", "no vendor has the operation " + scope.operation);
    }
  }
  return scope;
}

Json to_json(const FaultScope& scope) {
  Json json = Json::object();
  if (!scope.provider.empty()) json["provider"] = scope.provider;
  if (!scope.operation.empty()) json["operation"] = scope.operation;
  if (!scope.session_id.empty()) json["session_id"] = scope.session_id;
  if (scope.connect) json["phase"] = "connect";
  return json;
}

std::string to_hex(std::string_view bytes) {
  std::string hex;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

Json headers_json(const std::vector<Header>& headers) {
  Json json = Json::object();
  for (const Header& header : headers) json[header.name].push_back(header.value);
  return json;
}

void refuse_events_of_connections(const FaultRequest& request, const std::string& path) {
  const bool has_events = std::ranges::any_of(
      request.faults, [](const Fault& fault) { return fault.events.has_value(); });
  if (request.scope.connect && has_events)
    throw BadRequest(path + ".scope.phase", "a connection has no events");
}

// What it does and how much of it, without the bytes that it sends.
Json measures_of(const Fault& fault) {
  Json json = Json::object();
  const auto add = [&](const char* name, std::int64_t value) {
    if (value != 0) json[name] = value;
  };
  const auto add_seconds = [&](const char* name, std::int64_t milliseconds) {
    if (milliseconds != 0) json[name] = static_cast<double>(milliseconds) / 1000.0;
  };
  add_seconds("delay", fault.delay);
  add_seconds("delay_most", fault.delay_most);
  add("http_status", fault.http_status);
  add("bytes", fault.bytes);
  if (fault.events) json["events"] = *fault.events;
  add_seconds("every", fault.every);
  if (fault.kind == FaultKind::wrong_length) add("by", fault.by);
  add_seconds("for", fault.stall);
  if (fault.during) json["during"] = true;
  if (fault.ending) {
    json["ending"] = fault.ending == Ending::close   ? "close"
                     : fault.ending == Ending::reset ? "reset"
                                                     : "keep";
  }
  return json;
}

// As read_fault() takes it.
Json to_json(const Fault& fault) {
  Json json = measures_of(fault);
  json["kind"] = word_of(fault.kind);
  json["times"] = fault.times;
  json["when"] = fault.after ? "after" : "before";
  if (!fault.headers.empty()) json["headers"] = headers_json(fault.headers);
  if (fault.body) json["body"] = *fault.body;
  if (!fault.raw.empty()) json["hex"] = to_hex(fault.raw);
  return json;
}

}  // namespace

void complete(Fault& fault, const std::string& member) {
  const auto require = [&](bool good, const char* what) {
    if (!good) throw BadRequest(member, what);
  };
  const FaultKind kind = fault.kind;
  if (kind == FaultKind::garbage && fault.bytes == 0) fault.bytes = 64;
  if (kind == FaultKind::dribble && fault.bytes == 0) fault.bytes = 1;
  if (kind == FaultKind::dribble && fault.every == 0) fault.every = 10;
  if (kind == FaultKind::big_event && fault.bytes == 0) fault.bytes = 1048576;
  if (is_for_streams(kind) && !fault.events) fault.events = 0;
  require(fault.times >= 0, "times must not be negative; 0 is for ever");
  require(kind != FaultKind::status || (fault.http_status >= 100 && fault.http_status <= 999),
          "an HTTP status is from 100 to 999");
  require(fault.http_status == 0 || fault.http_status >= 100, "an HTTP status is from 100 to 999");
  require(fault.http_status <= 999, "an HTTP status is from 100 to 999");
  require(kind != FaultKind::delay || fault.delay > 0, "a delay needs its seconds");
  require(kind != FaultKind::jitter || (fault.delay >= 0 && fault.delay_most > fault.delay),
          "jitter needs its least and its most seconds");
  for (const std::int64_t wait : {fault.delay, fault.delay_most, fault.every, fault.stall}) {
    require(wait >= 0 && wait <= kMaxWait, "a time is from 0 to 3600 seconds");
  }
  require(fault.bytes >= 0 && fault.bytes <= 1048576, "bytes are from 0 to 1048576");
  if (fault.events) {
    const bool ends =
        kind == FaultKind::cut || kind == FaultKind::reset || kind == FaultKind::stall;
    require(ends || is_for_streams(kind), "events belong to the faults of a stream");
    require(!ends || fault.bytes == 0, "bytes and events exclude each other");
    require(*fault.events >= 0 && *fault.events <= 1000000, "events are from 0 to 1000000");
    require(!fault.during && fault.http_status == 0, "a stream keeps its status");
  }
  require(fault.by >= -1000000000 && fault.by <= 1000000000, "by is out of range");
  for (const Header& header : fault.headers) {
    require(!header.name.empty() &&
                (header.name + header.value).find_first_of("\r\n") == std::string::npos,
            "a header has a name and no line breaks; use garbage for broken heads");
  }
}

namespace {

std::string hyphenated(std::string_view word) {
  std::string text(word);
  std::ranges::replace(text, '_', '-');
  return text;
}

}  // namespace

std::string label_of(const Fault& fault) {
  if (fault.kind == FaultKind::status) return std::to_string(fault.http_status);
  return hyphenated(word_of(fault.kind));
}

bool is_fault_label(std::string_view text) {
  if (text.size() == 3 && text.find_first_not_of("0123456789") == text.npos) return true;
  return std::ranges::any_of(kFaultWords, [text](const auto& word) {
    return word.second != FaultKind::status && hyphenated(word.first) == text;
  });
}

FaultRequest read_faults(const Json& json, const std::string& path) {
  Members members(json, path);
  FaultRequest request;
  if (const Json* scope = members.object("scope")) {
    request.scope = read_scope(*scope, members.path_of("scope"));
  }
  const bool after = read_when(members, false);
  const auto script = members.optional_string("script");
  const Json* list = members.array("faults");
  members.refuse_others();
  if (script.has_value() == (list != nullptr)) {
    throw BadRequest(path, "needs exactly one of script and faults");
  }
  if (script) {
    request.faults = parse_fault_script(*script, members.path_of("script"));
    for (Fault& fault : request.faults) fault.after = after;
    refuse_events_of_connections(request, path);
    return request;
  }
  for (std::size_t i = 0; i < list->size(); ++i) {
    const std::string where = members.path_of("faults") + "[" + std::to_string(i) + "]";
    request.faults.push_back(read_fault((*list)[i], where, after));
  }
  if (request.faults.empty()) throw BadRequest(members.path_of("faults"), "must not be empty");
  refuse_events_of_connections(request, path);
  return request;
}

Json to_json(const FaultScript& script) {
  Json faults = Json::array();
  std::int64_t remaining = 0;
  bool for_ever = false;
  for (std::size_t i = 0; i < script.faults.size(); ++i) {
    const Fault& fault = script.faults[i];
    const std::int64_t fired = i < script.next    ? fault.times
                               : i == script.next ? script.fired_of_next
                                                  : 0;
    Json listed = measures_of(fault);
    listed["fault"] = label_of(fault);
    listed["when"] = fault.after ? "after" : "before";
    listed["times"] = fault.times;
    listed["fired"] = fired;
    faults.push_back(std::move(listed));
    if (i < script.next) continue;
    for_ever |= fault.times == 0;
    remaining += fault.times == 0 ? 0 : fault.times - fired;
  }
  return {{"id", script.id},
          {"scope", to_json(script.scope)},
          {"faults", std::move(faults)},
          {"fired", script.fired},
          {"remaining", for_ever ? Json(nullptr) : Json(remaining)}};
}

Json to_request(const FaultScript& script) {
  Json faults = Json::array();
  for (std::size_t i = script.next; i < script.faults.size(); ++i) {
    Fault fault = script.faults[i];
    if (i == script.next && fault.times != 0) fault.times -= script.fired_of_next;
    faults.push_back(to_json(fault));
  }
  return {{"scope", to_json(script.scope)}, {"faults", std::move(faults)}};
}

}  // namespace mock

// The journal, asked: what came, how often, and why it was not what somebody expected.
#include <algorithm>

#include "admin/calls.h"
#include "admin/query.h"
#include "faults/faults.h"
#include "mock.h"
#include "values/path.h"

namespace mock {

namespace {

std::uint64_t whole_in(std::string_view query, std::string_view name, std::uint64_t otherwise) {
  return number_in<std::uint64_t>(query, name, 0, INT64_MAX).value_or(otherwise);
}

// A value that no request has would be counted 0 times, and exactly.
void check_value(const std::string& field, const std::string& text) {
  if (field == "provider" && !text.empty()) vendor_named(text, field);
  if (field == "operation" && !is_operation(text)) {
    throw BadRequest(field, "no vendor has the operation " + text);
  }
  const bool is_number = field == "http_status" || field == "number";
  if (is_number && (text.empty() || text.find_first_not_of("0123456789") != text.npos)) {
    throw BadRequest(field, "must be a whole number");
  }
  if (field == "fault" && !text.empty() && !is_fault_label(text)) {
    throw BadRequest(field,
                     "is a kind of fault, with a hyphen for an underscore, or a HTTP status");
  }
  if (field == "method" && std::ranges::any_of(text, [](char c) { return c >= 'a' && c <= 'z'; })) {
    throw BadRequest(field, "is written in capitals");
  }
}

Criteria read_criteria(const AdminCall& call) {
  Criteria criteria;
  for (std::string_view rest = call.query; !rest.empty();) {
    const std::string_view member = take_until(rest, '&');
    const std::string_view name = member.substr(0, member.find('='));
    const std::string text = query_value(member, name).value_or("");
    if (name == "unmatched") {
      if (text != "true") throw BadRequest("unmatched", "can only be true");
      criteria.fields.emplace_back("provider", "");
    } else if (is_request_field(name)) {
      check_value(std::string(name), text);
      criteria.fields.emplace_back(name, text);
    }
  }
  if (query_value(call.query, "since")) criteria.since = whole_in(call.query, "since", 0);
  return criteria;
}

struct Wanted {
  std::uint64_t at_least = 1;
  std::uint64_t at_most = UINT64_MAX;
};

Wanted read_wanted(const AdminCall& call) {
  Wanted wanted;
  const auto exactly = query_value(call.query, "exactly");
  if (exactly) {
    wanted.at_least = wanted.at_most = whole_in(call.query, "exactly", 0);
    return wanted;
  }
  const bool only_most = query_value(call.query, "at_most") && !query_value(call.query, "at_least");
  wanted.at_least = whole_in(call.query, "at_least", only_most ? 0 : 1);
  wanted.at_most = whole_in(call.query, "at_most", UINT64_MAX);
  return wanted;
}

// Between `found` and `found + evicted` came; the verdict holds for all of these or is unknown.
std::string verdict(const Count& count, const Wanted& wanted) {
  const std::uint64_t most = count.found + count.evicted;
  if (count.found >= wanted.at_least && most <= wanted.at_most) return "yes";
  if (most < wanted.at_least || count.found > wanted.at_most) return "no";
  return "unknown: " + std::to_string(count.evicted) + " evicted";
}

Json to_json(const Count& count, const Wanted& wanted) {
  return {{"verdict", verdict(count, wanted)},
          {"count", count.found},
          {"exact", count.evicted == 0},
          {"evicted", count.evicted}};
}

constexpr std::size_t kMaxNearRoutes = 3;

// For a request that met no route: the nearest ones, and what of it differs from each.
Json with_nearest(const Entry& entry) {
  Json json = to_json(entry);
  if (!entry.provider.empty()) return json;
  const std::string_view path = parse_target(entry.target).path;
  Json list = Json::array();
  for (const NearRoute& near : nearest_routes(entry.method, path, kMaxNearRoutes)) {
    const Route& route = *near.route;
    Json differences = Json::array();
    const auto differ = [&](std::string_view field, std::string_view expected,
                            std::string_view found) {
      differences.push_back({{"field", field}, {"expected", expected}, {"found", found}});
    };
    PathValues values;
    if (route.method != entry.method) differ("method", route.method, entry.method);
    if (!match_path(path, route.path, values)) differ("path", route.path, path);
    if (list.empty()) json["nearest_route"] = near.in_words();
    list.push_back({{"route", near.in_words()}, {"differences", std::move(differences)}});
  }
  json["nearest_routes"] = std::move(list);
  return json;
}

struct NearMiss {
  std::size_t index;
  Json differences;
};

// What a waiting request has counted, and up to which of the requests recorded.
struct CountSoFar final : PendingAnswer {
  explicit CountSoFar(const Count& first) : count(first) {}
  Count count;
  std::uint64_t recorded = 0;
};

}  // namespace

Answer list_requests(AdminCall& call) {
  const Journal& journal = call.space.journal;
  const Criteria criteria = read_criteria(call);
  const std::uint64_t limit = number_in<std::uint64_t>(call.query, "limit", 1, 10000).value_or(100);
  Json requests = Json::array();
  std::vector<std::size_t> latest;  // newest first
  for (std::size_t i = journal.size(); i-- > 0 && latest.size() < limit;) {
    if (matches(journal.entry(i), criteria)) latest.push_back(i);
  }
  for (auto index = latest.rbegin(); index != latest.rend(); ++index) {
    requests.push_back(with_nearest(journal.entry(*index)));
  }
  return admin_json(200, {{"requests", std::move(requests)},
                          {"seen", journal.seen()},
                          {"kept", journal.size()},
                          {"evicted", journal.evicted()},
                          {"bytes", journal.bytes()},
                          {"counters", journal.counters()}});
}

Answer drop_requests(AdminCall& call) {
  const std::uint64_t seen = call.space.journal.seen();
  call.space.journal.clear();
  return admin_json(200, {{"removed", seen}});
}

Answer count_requests(AdminCall& call) {
  const Wanted wanted = read_wanted(call);
  return admin_json(200, to_json(call.space.journal.count(read_criteria(call)), wanted));
}

Answer wait_for_requests(AdminCall& call) {
  const Wanted wanted = read_wanted(call);
  const Criteria criteria = read_criteria(call);
  const double seconds = number_in<double>(call.query, "timeout", 0, 3600).value_or(5);
  const Journal& journal = call.space.journal;
  // What an earlier attempt counted is not counted again: many requests may arrive meanwhile.
  if (call.state.pending == nullptr) {
    call.state.pending = std::make_unique<CountSoFar>(journal.count(criteria));
  }
  auto& so_far = static_cast<CountSoFar&>(*call.state.pending);
  const std::uint64_t fresh = call.state.attempts == 0 ? 0 : journal.recorded() - so_far.recorded;
  for (std::size_t i = journal.size() - std::min<std::uint64_t>(fresh, journal.size());
       i < journal.size(); ++i) {
    if (matches(journal.entry(i), criteria)) ++so_far.count.found;
  }
  so_far.recorded = journal.recorded();
  Json json = to_json(so_far.count, wanted);
  const bool over = call.state.by_deadline || seconds == 0;
  if (json["verdict"] != "yes" && !over) {
    call.wait_until = call.state.asked_at + milliseconds_from_seconds(seconds);
  }
  json["timed_out"] = over && json["verdict"] != "yes";
  return admin_json(200, json);
}

Answer near_misses(AdminCall& call) {
  const Journal& journal = call.space.journal;
  const Criteria criteria = read_criteria(call);
  const std::uint64_t limit = number_in<std::uint64_t>(call.query, "limit", 1, 100).value_or(3);
  const bool expected = !criteria.fields.empty() || criteria.since;
  std::vector<NearMiss> misses;
  for (std::size_t i = journal.size(); i-- > 0;) {
    const Entry entry = journal.entry(i);
    Json differences = Json::array();
    const bool same = matches(entry, criteria, &differences);
    // With nothing expected, the interesting ones are those that no route was there for.
    if (expected ? !same : entry.provider.empty()) misses.push_back({i, std::move(differences)});
  }
  std::ranges::stable_sort(misses, {},
                           [](const NearMiss& miss) { return miss.differences.size(); });
  Json list = Json::array();
  for (std::size_t i = 0; i < misses.size() && i < limit; ++i) {
    list.push_back({{"request", with_nearest(journal.entry(misses[i].index))},
                    {"differences", std::move(misses[i].differences)}});
  }
  return admin_json(200, {{"near_misses", std::move(list)},
                          {"considered", journal.size()},
                          {"evicted", journal.evicted()}});
}

}  // namespace mock

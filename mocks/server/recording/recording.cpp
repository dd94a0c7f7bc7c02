#include "recording/recording.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <map>

#include "journal/redact.h"
#include "recording/traces.h"

namespace mock {

namespace {

constexpr std::size_t kMaxExchanges = 20000;

bool is_kept(std::string_view name) {
  static constexpr std::array<std::string_view, 12> kKept{
      "content-type",
      "etag",
      "retry-after",
      "ratelimit-policy",
      "ratelimit-limit",
      "ratelimit-remaining",
      "ratelimit-reset",
      "x-ratelimit-limit",
      "allow",
      "x-ratelimit-remaining",
      "www-authenticate",
      "x-ratelimit-reset",
  };
  return std::ranges::any_of(kKept, [&](auto each) { return equals_ignoring_case(name, each); });
}

// The keys that came with a request, so that an answer that repeats one is caught.
std::vector<std::string_view> keys_in(const Request& request) {
  std::vector<std::string_view> keys;
  for (const Header& header : request.headers) {
    if (!is_secret_name(header.name)) continue;
    const std::string_view value = header.value;
    keys.push_back(value);
    const std::size_t space = value.find(' ');
    if (space != value.npos) keys.push_back(value.substr(space + 1));
  }
  // The whole before its part, which would leave a rest of it.
  std::ranges::sort(keys, std::greater(), &std::string_view::size);
  return keys;
}

// By its name, a member that holds the id of a session, a user, an agent, a client...
bool is_id_name(std::string_view name) {
  return name == "id" || name.ends_with("Id") || name.ends_with("ID") || name.ends_with("_id");
}

// Ids, each with what stands in its place.
using Pseudonyms = std::map<std::string, std::string, std::less<>>;

// Returns the longest of the ids that the text begins with; nullptr if it begins with none.
const Pseudonyms::value_type* longest_at_begin(const Pseudonyms& ids, std::string_view text) {
  while (!text.empty()) {
    const auto after = ids.upper_bound(text);
    if (after == ids.begin()) return nullptr;
    const auto& before = *std::prev(after);
    if (text.starts_with(before.first)) return &before;
    // An id that the text begins with stands before this one, which then begins with it, too.
    const auto differs = std::ranges::mismatch(text, before.first).in1;
    text = text.substr(0, static_cast<std::size_t>(differs - text.begin()));
  }
  return nullptr;
}

// In one pass: a list may have thousands of ids.
std::string with_pseudonyms(std::string_view text, const Pseudonyms& ids) {
  std::array<bool, 256> begins{};
  for (const auto& [id, name] : ids) begins[static_cast<unsigned char>(id.front())] = true;
  std::string kept;
  std::size_t done = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!begins[static_cast<unsigned char>(text[at])]) continue;
    const auto* const found = longest_at_begin(ids, text.substr(at));
    if (found == nullptr) continue;
    kept.append(text.substr(done, at - done)).append(found->second);
    done = at + found->first.size();
    at = done - 1;
  }
  return kept.append(text.substr(done));
}

// Visits every text that stands in a member of such a name, wherever.
void for_each_id(Json& json, const auto& visit) {
  if (json.is_object()) {
    for (auto& [name, value] : json.items()) {
      if (is_id_name(name) && value.is_string() && value != "") {
        visit(value.template get_ref<std::string&>());
      } else {
        for_each_id(value, visit);
      }
    }
  } else if (json.is_array()) {
    for (Json& element : json) for_each_id(element, visit);
  }
}

// The same with a text; what is not JSON has no members and stays as it is.
void for_each_id_in(std::string& text, const auto& visit) {
  try {
    Json json = parse_json(text);
    const Json before = json;
    for_each_id(json, visit);
    if (json != before) text = to_text(json);
  } catch (const BadRequest&) {
  }
}

}  // namespace

// As long as 96 bits of SHA-256: too long to meet another by chance, short enough to read.
std::string Recording::pseudonym(std::string_view id) const {
  if (id.starts_with("id-") && id.size() == 27) return std::string(id);
  const std::string salted = salt_ + std::string(id);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  EVP_Digest(salted.data(), salted.size(), digest.data(), &size, EVP_sha256(), nullptr);
  std::string name = "id-";
  for (std::size_t i = 0; i < 12; ++i) {
    name += "0123456789abcdef"[digest[i] >> 4];
    name += "0123456789abcdef"[digest[i] & 15];
  }
  return name;
}

std::string Recording::without_ids_in_query(std::string_view query) const {
  std::string kept;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view member = query.substr(0, end);
    const std::size_t equals = std::min(member.find('='), member.size());
    const bool is_id = equals < member.size() && is_id_name(member.substr(0, equals));
    const std::string_view value = member.substr(std::min(member.size(), equals + 1));
    kept.append(kept.empty() ? "" : "&").append(is_id ? member.substr(0, equals + 1) : member);
    if (is_id) kept += pseudonym(percent_decoded(value).value_or(std::string(value)));
    query.remove_prefix(std::min(query.size(), end + 1));
  }
  return kept;
}

std::string Recording::key_of(const Request& request, const Target& target, const RouteFound& found,
                              bool by_pseudonym) const {
  std::string path = redacted_target(target.path, keys_in(request));
  if (by_pseudonym && !found.id.empty()) {
    path = target.path;
    const std::string id = percent_decoded(found.id).value_or(std::string(found.id));
    const auto at = static_cast<std::size_t>(found.id.data() - target.path.data());
    path.replace(at, found.id.size(), pseudonym(id));
  }
  if (!target.query.empty()) {
    path += redacted_target("?" + without_ids_in_query(target.query), keys_in(request));
  }
  return request.method + " " + path;
}

// Ids by the names of their members, and then those again wherever a text of the answer repeats
// them; there a short one could be any word.
std::string Recording::without_ids(std::string body, const Request& request,
                                   const RouteFound& found) const {
  constexpr std::size_t kUnmistakable = 8;
  Pseudonyms ids;
  const auto note = [&](const std::string& id) {
    if (id.size() >= kUnmistakable) ids.try_emplace(id, pseudonym(id));
  };
  std::string asked = request.body;
  for_each_id_in(asked, note);
  for_each_id_in(body, [&](std::string& id) {
    note(id);
    id = pseudonym(id);
  });
  if (!found.id.empty()) {
    const std::string id = percent_decoded(found.id).value_or(std::string(found.id));
    ids.try_emplace(id, pseudonym(id));
  }
  return with_pseudonyms(body, ids);
}

void Recording::add(const Request& request, const Target& target, const RouteFound& found,
                    const Answer& answer) {
  if (exchanges_.size() >= kMaxExchanges) return;
  const std::string key = key_of(request, target, found, true);
  const std::vector<std::string_view> keys = keys_in(request);
  Exchange exchange{.method = request.method,
                    .target = key.substr(request.method.size() + 1),
                    .http_status = answer.http_status,
                    .headers = {},
                    .body = without_traces(redacted_body(answer.body, keys))};
  for (const Header& header : answer.headers) {
    if (!is_kept(header.name)) continue;
    exchange.headers.push_back({header.name, redacted_text(header.value, keys)});
  }
  exchange.body = without_ids(std::move(exchange.body), request, found);
  by_key_[key].push_back(exchanges_.size());
  exchanges_.push_back(std::move(exchange));
}

const Exchange* Recording::next(const Request& request, const Target& target,
                                const RouteFound& found,
                                std::map<std::string, std::size_t>& played) const {
  // The id may be a real one, or a pseudonym that an earlier answer of the replay gave.
  for (const bool by_pseudonym : {true, false}) {
    const std::string key = key_of(request, target, found, by_pseudonym);
    const auto recorded = by_key_.find(key);
    if (recorded == by_key_.end()) continue;
    const std::size_t turn = std::min(played[key]++, recorded->second.size() - 1);
    return &exchanges_[recorded->second[turn]];
  }
  return nullptr;
}

std::string Recording::body_for(const Exchange& exchange, const RouteFound& found) const {
  if (found.id.empty()) return exchange.body;
  const std::string id = percent_decoded(found.id).value_or(std::string(found.id));
  return replaced(exchange.body, pseudonym(id), id);
}

std::string Recording::text() const {
  Json exchanges = Json::array();
  for (const Exchange& exchange : exchanges_) {
    Json headers = Json::array();
    for (const Header& header : exchange.headers) headers.push_back({header.name, header.value});
    exchanges.push_back({{"method", exchange.method},
                         {"target", exchange.target},
                         {"http_status", exchange.http_status},
                         {"headers", std::move(headers)},
                         {"body", exchange.body}});
  }
  const Json json = {{"about", "Recorded by sessionvitals-mock --record; play it with --replay."},
                     {"salt", salt_},
                     {"exchanges", std::move(exchanges)}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Recording Recording::parse(const std::string& text) {
  const Json json = parse_json(text);
  Members members(json, "");
  members.optional_string("about");
  Recording recording(members.string("salt"));
  const Json* exchanges = members.array("exchanges");
  members.refuse_others();
  if (exchanges == nullptr) throw BadRequest("exchanges", "is required");
  for (std::size_t i = 0; i < exchanges->size(); ++i) {
    Members each((*exchanges)[i], "exchanges[" + std::to_string(i) + "]");
    Exchange exchange{
        .method = each.string("method"),
        .target = each.string("target"),
        .http_status = static_cast<int>(each.optional_integer("http_status").value_or(0)),
        .headers = {},
        .body = each.string("body")};
    if (exchange.http_status < 100 || exchange.http_status > 999) {
      throw BadRequest(each.path_of("http_status"), "must be from 100 to 999");
    }
    if (const Json* headers = each.array("headers")) {
      for (const Json& header : *headers) {
        const bool pair = header.is_array() && header.size() == 2 && header[0].is_string() &&
                          header[1].is_string();
        if (!pair) throw BadRequest(each.path_of("headers"), "must hold pairs of strings");
        exchange.headers.push_back({header[0].get<std::string>(), header[1].get<std::string>()});
      }
    }
    each.refuse_others();
    recording.by_key_[exchange.method + " " + exchange.target].push_back(i);
    recording.exchanges_.push_back(std::move(exchange));
  }
  return recording;
}

}  // namespace mock

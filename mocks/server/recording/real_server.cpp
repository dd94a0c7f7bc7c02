#include "recording/real_server.h"

#include <algorithm>
#include <cstdlib>

namespace mock {

namespace {

// Any user will do, and this one is in nobody's way.
constexpr const char* kUser = "22222222-2222-4222-8222-222222222222";

// The agent of the contract's exchanges, which no real server knows.
constexpr std::string_view kMockAgent = "11111111-1111-4111-8111-111111111111";

bool names_the_mocks_agent(const Json& exchange) {
  return exchange.at("ask").at("arguments").value("agent_id", "") == kMockAgent;
}

const Json& member_or_empty(const Json& json, const char* name) {
  static const Json kEmpty = Json::object();
  const auto found = json.find(name);
  return found == json.end() ? kEmpty : *found;
}

std::string with(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = from.empty() ? std::string::npos : text.find(from);
  if (at != std::string::npos) text.replace(at, from.size(), to);
  return text;
}

}  // namespace

RealServer::RealServer(const Json& contract, Upstream upstream)
    : provider_(contract.at("provider")),
      description_(contract.at("real_server")),
      upstream_(std::move(upstream)) {
  const auto& variable = description_.at("key").at("variable").get_ref<const std::string&>();
  if (const char* key = std::getenv(variable.c_str())) key_ = key;
}

RealServer::~RealServer() {
  for (const std::string& id : created_) call(description_.at("delete"), id, Json());
}

std::string RealServer::why_not(const Json& exchange) const {
  const Json& given = exchange.at("given");
  if (given.contains("answer")) return "no server gives this answer when it is asked to";
  const std::string& provider = provider_.get_ref<const std::string&>();
  const Json wanted = member_or_empty(given, "dialect").value(provider, Json());
  const bool is_refusal = exchange.at("response").at("http_status").get<int>() >= 400;
  if (wanted != description_.value("dialect", Json()) && (!wanted.is_null() || is_refusal)) {
    return "real servers answer in another dialect";
  }
  if (given.contains("keys") && key_.empty()) return "the server may ask for no key";
  if (given.contains("account")) return "the vendor has no call that sets up such an account";
  for (const Json& session : member_or_empty(given, "sessions")) {
    if (!description_.contains("create")) return "the vendor has no call that creates the session";
    if (session.at("state") != description_["create"].at("state")) {
      return "only time brings a session into this state";
    }
    if (session.contains("messages")) return "servers choose the times of messages";
    const auto& target = exchange.at("request").at("target").get_ref<const std::string&>();
    if (target.find(session.at("id").get_ref<const std::string&>()) == std::string::npos) {
      return "servers choose the ids of sessions";
    }
  }
  return "";
}

Request RealServer::prepare(const Json& exchange) {
  const Json& wanted = exchange.at("request");
  Request request{.method = wanted.at("method"),
                  .target = wanted.at("target"),
                  .headers = {},
                  .body = wanted.at("body")};
  // The contract's key is the mock's. An exchange about a wrong or a missing one keeps it.
  const Json& given = exchange.at("given");
  const Json& key = description_.at("key");
  const auto& provider = provider_.get_ref<const std::string&>();
  const Json accepted =
      given.contains("keys") ? given["keys"].value(provider, Json()) : key.at("mock");
  const Json asked = exchange.at("ask").value("key", Json());
  const bool is_right = asked == accepted || accepted.is_null();
  const std::string theirs = asked.is_string() ? asked.get<std::string>() : "";
  const auto& header = key.at("header").get_ref<const std::string&>();
  bool has_key = false;
  for (const auto& [name, value] : wanted.at("headers").items()) {
    std::string text = value.get<std::string>();
    if (is_right && !key_.empty()) text = with(std::move(text), theirs, key_);
    has_key |= equals_ignoring_case(name, header);
    request.headers.push_back({name, std::move(text)});
  }
  if (is_right && !has_key && !key_.empty()) request.headers.push_back({header, key_});
  for (const Json& session : member_or_empty(given, "sessions")) {
    const std::string id = create(session);
    request.target = with(std::move(request.target), session.at("id").get<std::string>(), id);
  }
  if (names_the_mocks_agent(exchange)) {
    request.body = with(std::move(request.body), kMockAgent, agent().get<std::string>());
    for (auto& [name, value] : request.headers) {
      if (equals_ignoring_case(name, "Content-Length")) value = std::to_string(request.body.size());
    }
  }
  return request;
}

void RealServer::note(const Json& exchange, const UpstreamAnswer& answer) {
  const Json& request = exchange.at("request");
  const Json& create = member_or_empty(description_, "create");
  const bool creates = !create.empty() && request.at("method") == create.at("method") &&
                       request.at("target") == create.at("target");
  if (creates && answer.problem.empty() && answer.http_status < 300) {
    created_.push_back(take(create, answer));
  }
}

bool RealServer::is_about_ours(const Json& exchange) {
  return exchange.at("given").contains("sessions") || names_the_mocks_agent(exchange);
}

bool RealServer::is_chosen(std::string_view pointer) const {
  const Json& chosen = member_or_empty(member_or_empty(description_, "chosen"), "response");
  return std::ranges::any_of(chosen, [&](const Json& each) { return each == pointer; });
}

UpstreamAnswer RealServer::call(const Json& call, const std::string& id, const Json& body) {
  Request request{.method = call.at("method"),
                  .target = with(call.at("target"), "{id}", id),
                  .headers = {},
                  .body = body.is_null() ? "" : to_text(body)};
  if (!body.is_null()) request.headers.push_back({"Content-Type", "application/json"});
  if (!key_.empty()) request.headers.push_back({description_.at("key").at("header"), key_});
  return ask(upstream_, request);
}

// What the call's pointer points to in the answer.
Json RealServer::take(const Json& call, const UpstreamAnswer& answer) const {
  const std::string what =
      call.at("method").get<std::string>() + " " + call.at("target").get<std::string>() + ": ";
  if (!answer.problem.empty()) throw BadRequest("", what + answer.problem);
  if (answer.http_status >= 300) {
    throw BadRequest("", what + "HTTP " + std::to_string(answer.http_status));
  }
  const Json body = parse_json(answer.body);
  const Json::json_pointer pointer(call.at("take").get<std::string>());
  if (!body.contains(pointer))
    throw BadRequest("", what + "the answer has no " + pointer.to_string());
  return body.at(pointer);
}

std::string RealServer::create(const Json& session) {
  const Json& call_to_make = description_.at("create");
  const Json body = filled(call_to_make.at("body"), session);
  const std::string id = take(call_to_make, call(call_to_make, "", body));
  created_.push_back(id);
  const Json& again = member_or_empty(description_, "repeat");
  if (again.empty()) return id;
  const auto times = session.value(again.at("member").get<std::string>(), 0);
  for (int i = 0; i < times; ++i) call(again, id, Json());
  return id;
}

// The value with each "{member}" replaced by that member of the session.
Json RealServer::filled(const Json& value, const Json& session) {
  if (value.is_object()) {
    Json all = Json::object();
    for (const auto& [name, each] : value.items()) {
      Json found = filled(each, session);
      if (!found.is_null()) all[name] = std::move(found);
    }
    return all;
  }
  const std::string text = value.is_string() ? value.get<std::string>() : "";
  if (!text.starts_with('{') || !text.ends_with('}')) return value;
  const std::string name = text.substr(1, text.size() - 2);
  if (name == "agent_id") return agent();
  if (name == "user_id") return kUser;
  return session.value(name, Json());
}

const Json& RealServer::agent() {
  if (agent_.is_null()) {
    const Json& call_to_make = description_.at("agent");
    agent_ = take(call_to_make, call(call_to_make, "", Json()));
  }
  return agent_;
}

}  // namespace mock

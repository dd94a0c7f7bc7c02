// Makes one call for each line of JSON on stdin, and writes what came of it as one line:
//
//   {"transport": "own" | "wrapped" | "httplib" | ..., "base_url": ..., "method": ...,
//    "target": ..., "headers": [[name, value], ...], "body": ..., "effect": "none",
//    "timeout": 10, "max_retries": 0, "ca_file": "", "way": "call" | "begin" | "open" | "bulk"}
//
// What a peer sent is written in hexadecimal digits, since it may be no text.
#include <sessionvitals/client/bulk.h>
#include <sessionvitals/sessionvitals.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "transports.h"

using namespace sessionvitals;
using nlohmann::json;

namespace {

struct Question {
  Request request;
};

struct Answer {
  Response response;
  std::shared_ptr<const CallReport> call;
};

struct NoEvent {};

Result<Request> build(const Question& question, const Credential&) { return question.request; }

Result<Answer> parse(const Question&, const Response& response) {
  return Answer{response, nullptr};
}

Error parse_error(const Question&, const Response& response) {
  ErrorResponse refused;
  refused.http_status = response.http_status;
  return {"refused", std::move(refused)};
}

Result<NoEvent> parse_event(const Question&, const ServerSentEvent&) { return NoEvent(); }

std::string hex(const std::string& text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string digits;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    digits += {kDigits[byte / 16], kDigits[byte % 16]};
  }
  return digits;
}

json describe(const std::shared_ptr<const CallReport>& call) {
  json attempts = json::array();
  if (!call) return attempts;
  for (const Attempt& one : call->attempts) {
    attempts.push_back({{"phase", phase_name(one.phase)},
                        {"http_status", one.http_status},
                        {"reused", one.reused},
                        {"error", one.error},
                        {"wait_reason", one.wait_reason}});
  }
  return attempts;
}

json describe(const Error& error) {
  return {{"error", class_name(error.kind())},
          {"phase", phase_name(error.phase())},
          {"message", error.message()},
          {"may_have_taken_effect", error.may_have_taken_effect()},
          {"attempts", describe(error.call())}};
}

json describe(const Result<Answer>& answer) {
  if (!answer) return describe(answer.error());
  json headers = json::array();
  for (const Header& header : answer->response.headers) {
    headers.push_back({header.name, hex(header.value)});
  }
  return {{"http_status", answer->response.http_status},
          {"headers", headers},
          {"body", hex(answer->response.body)},
          {"attempts", describe(answer->call)}};
}

Question question_of(const json& line) {
  Request request{line.at("method"), line.at("target"), {}, line.value("body", "")};
  for (const json& header : line.value("headers", json::array())) {
    request.headers.push_back({header.at(0), header.at(1)});
  }
  return {std::move(request)};
}

Effect effect_named(const std::string& name) {
  for (const Effect effect : {Effect::none, Effect::idempotent, Effect::once}) {
    if (effect_name(effect) == name) return effect;
  }
  std::cerr << "no effect has the name " << name << '\n';
  std::exit(2);
}

/// Clients live as long as the program, so that connections are kept alive.
const Client& client_for(const json& line) {
  static std::map<std::string, Client> clients;
  const std::string transport = line.at("transport");
  const std::string base_url = line.at("base_url");
  const std::string ca_file = line.value("ca_file", "");
  const std::string name = transport + " " + base_url + " " + ca_file;
  const auto known = clients.find(name);
  if (known != clients.end()) return known->second;
  ClientOptions options{.key = "no-key", .base_url = base_url};
  options.custom_transport = transport_named(transport, ca_file);
  if (!options.custom_transport || line.value("both", false)) options.transport.ca_file = ca_file;
  return clients.emplace(name, Client(*find_provider("tiun"), std::move(options))).first->second;
}

json make_call(const json& line) {
  const Client& client = client_for(line);
  const Question question = question_of(line);
  const Operation<Question, Answer> operation{.name = "any",
                                              .effect = effect_named(line.value("effect", "none")),
                                              .build = build,
                                              .parse = parse};
  CallOptions options;
  options.timeout = std::chrono::duration<double>(line.value("timeout", 10.0));
  options.max_retries = line.value("max_retries", 0);
  const std::string way = line.value("way", "call");
  if (way == "begin") {
    json said;
    client.begin(operation, question, options,
                 [&](Result<Answer> answer) { said = describe(answer); });
    return said;
  }
  if (way == "open") {
    const Stream<Question, NoEvent> stream{.name = "any",
                                           .effect = Effect::none,
                                           .build = build,
                                           .parse_event = parse_event,
                                           .parse_error = parse_error};
    return describe(client.open(stream, question, options).error());
  }
  if (way == "bulk") {
    BulkProbe bulk(client);
    bulk.add("s");
    bulk.finish();
    return describe(bulk.take().at(0).session.error());
  }
  return describe(client.call(operation, question, options));
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << make_call(json::parse(line)).dump() << std::endl;
  }
}

#include "recording/diff.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <sstream>

#include "recording/real_server.h"
#include "recording/upstream.h"
#include "values/json.h"

namespace mock {

namespace {

enum class Verdict { same, differs, skipped, failed };

struct Outcome {
  Verdict verdict = Verdict::same;
  std::vector<std::string> lines;
};

std::string shown(const Json& json) {
  std::string text = to_text(json);
  if (text.size() > 120) text = text.substr(0, 117) + "...";
  return text;
}

// Which members of an answer need not have the contract's value: those only need its type.
using IsVolatile = std::function<bool(std::string_view pointer)>;

bool is_listed(const Json& response, std::string_view pointer) {
  const auto list = response.find("volatile");
  if (list == response.end()) return false;
  return std::ranges::any_of(*list, [&](const Json& each) { return each == pointer; });
}

// Every member that is missing, too many, or another than the contract's.
void compare(const IsVolatile& is_volatile, const Json& expected, const Json& found,
             const std::string& pointer, std::vector<std::string>& lines) {
  if (is_volatile(pointer) && std::string_view(expected.type_name()) == found.type_name()) return;
  if (expected.is_object() && found.is_object()) {
    for (const auto& [name, value] : expected.items()) {
      const std::string at = pointer + "/" + name;
      if (found.contains(name)) {
        compare(is_volatile, value, found[name], at, lines);
      } else {
        lines.push_back("body " + at + ": expected " + shown(value) + ", found nothing");
      }
    }
    for (const auto& [name, value] : found.items()) {
      const std::string at = pointer + "/" + name;
      if (expected.contains(name)) continue;
      lines.push_back("body " + at + ": not in the contract, found " + shown(value));
    }
  } else if (expected != found) {
    lines.push_back("body " + (pointer.empty() ? "/" : pointer) + ": expected " + shown(expected) +
                    ", found " + shown(found));
  }
}

// A header's value without its parameters, lower case.
std::string plain(std::string_view value) {
  std::string text(value.substr(0, value.find(';')));
  while (text.ends_with(' ')) text.pop_back();
  std::ranges::transform(text, text.begin(), [](unsigned char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  });
  return text;
}

void compare_headers(const Json& expected, const UpstreamAnswer& found,
                     std::vector<std::string>& lines) {
  for (const auto& [name, value] : expected.items()) {
    std::string has = "nothing";
    for (const Header& header : found.headers) {
      if (equals_ignoring_case(header.name, name)) has = header.value;
    }
    const std::string wanted = value.get<std::string>();
    if (plain(has) == plain(wanted)) continue;
    lines.push_back("header " + name + ": expected " + wanted + ", found " + has);
  }
}

// Asks either a mock, which is prepared through its admin interface, or a real server.
class Differ {
 public:
  Differ(const Json& contract, Upstream upstream) : upstream_(std::move(upstream)) {
    is_mock_ = to_admin("GET", "health", Json()).http_status == 200;
    if (!is_mock_) server_.emplace(contract, upstream_);
  }

  bool is_mock() const { return is_mock_; }

  Outcome run(const Json& exchange) {
    const Json& given = exchange.at("given");
    if (given.contains("answer")) {
      return {Verdict::skipped, {"no server gives this answer when it is asked to"}};
    }
    if (is_mock_) {
      if (!prepare(given)) return {Verdict::failed, {"the mock refused to be prepared"}};
      return compared(exchange, ask(upstream_, request_of(exchange)));
    }
    std::string reason = server_->why_not(exchange);
    if (!reason.empty()) return {Verdict::skipped, {std::move(reason)}};
    try {
      const UpstreamAnswer answer = ask(upstream_, server_->prepare(exchange));
      server_->note(exchange, answer);
      return compared(exchange, answer);
    } catch (const BadRequest& refusal) {
      return {Verdict::failed, {refusal.what()}};
    }
  }

 private:
  Outcome compared(const Json& exchange, const UpstreamAnswer& found) const {
    if (!found.problem.empty()) return {Verdict::failed, {found.problem}};
    const Json& response = exchange.at("response");
    if (found.http_status == 429 && response.at("http_status") != 429) {
      return {Verdict::failed, {"the server limits rates and answers 429: try again later"}};
    }
    Outcome outcome;
    if (response.at("http_status") != found.http_status) {
      outcome.lines.push_back("http_status: expected " + shown(response.at("http_status")) +
                              ", found " + std::to_string(found.http_status));
    }
    compare_headers(response.at("headers"), found, outcome.lines);
    if (response.contains("text")) {
      if (response["text"] != found.body) {
        outcome.lines.push_back("body: expected " + shown(response["text"]) + ", found " +
                                shown(found.body));
      }
    } else {
      compare_body(exchange, found.body, outcome.lines);
    }
    if (!outcome.lines.empty()) outcome.verdict = Verdict::differs;
    return outcome;
  }

  void compare_body(const Json& exchange, const std::string& body,
                    std::vector<std::string>& lines) const {
    const Json& response = exchange.at("response");
    const bool is_theirs = server_ && RealServer::is_about_ours(exchange);
    const IsVolatile is_volatile = [&](std::string_view pointer) {
      return is_listed(response, pointer) || (is_theirs && server_->is_chosen(pointer));
    };
    try {
      compare(is_volatile, response.at("body"), parse_json(body), "", lines);
    } catch (const BadRequest&) {
      lines.push_back("body: expected JSON, found " + shown(body.substr(0, 80)));
    }
  }

  UpstreamAnswer to_admin(const char* method, const std::string& path, const Json& body) {
    Upstream admin = upstream_;
    // Before the vendor's own prefix, if there is one.
    const std::size_t prefix = admin.path.find("/customer/v2");
    if (prefix != std::string::npos) admin.path.resize(prefix);
    Request request{.method = method, .target = "/__admin/" + path, .headers = {}, .body = ""};
    if (!body.is_null()) request.body = to_text(body);
    return ask(admin, request);
  }

  bool prepare(const Json& given) {
    // Everything but the journal anew: a space's state is a scenario.
    Json scenario = Json::object();
    for (const char* name : {"account", "sessions", "keys", "dialect"}) {
      if (given.contains(name)) scenario[name] = given[name];
    }
    if (given.contains("clock")) scenario["clock"] = {{"set", given["clock"]}, {"freeze", true}};
    return to_admin("POST", "scenarios", scenario).http_status == 201;
  }

  static Request request_of(const Json& exchange) {
    const Json& wanted = exchange.at("request");
    Request request{.method = wanted.at("method"),
                    .target = wanted.at("target"),
                    .headers = {},
                    .body = wanted.at("body")};
    for (const auto& [name, value] : wanted.at("headers").items()) {
      request.headers.push_back({name, value.get<std::string>()});
    }
    return request;
  }

  Upstream upstream_;
  bool is_mock_ = false;
  std::optional<RealServer> server_;
};

int fail(const std::string& message) {
  std::fprintf(stderr, "sessionvitals-mock: %s\n", message.c_str());
  return 2;
}

void print(const char* verdict, const Json& exchange, const Outcome& outcome) {
  std::printf("%s  %s\n", verdict, exchange.at("name").get_ref<const std::string&>().c_str());
  for (const std::string& line : outcome.lines) std::printf("         %s\n", line.c_str());
}

int compare_all(const Json& contract, Differ& differ) {
  int counts[4] = {};
  std::map<std::string, int> reasons;
  static constexpr const char* kWords[] = {"same   ", "differs", "skipped", "failed "};
  for (const Json& exchange : contract.at("exchanges")) {
    const Outcome outcome = differ.run(exchange);
    const auto verdict = static_cast<std::size_t>(outcome.verdict);
    ++counts[verdict];
    // What the server cannot be asked is counted, not listed.
    if (outcome.verdict == Verdict::skipped) {
      ++reasons[outcome.lines.front()];
    } else {
      print(kWords[verdict], exchange, outcome);
    }
  }
  for (const auto& [reason, count] : reasons)
    std::printf("skipped %d: %s\n", count, reason.c_str());
  std::printf("%d same, %d differ, %d skipped, %d failed\n", counts[0], counts[1], counts[2],
              counts[3]);
  if (counts[0] + counts[1] == 0) return 2;  // nothing was compared
  return counts[3] > 0 ? 2 : counts[1] > 0 ? 1 : 0;
}

}  // namespace

int run_diff(const Options& options) {
  Upstream upstream = parse_upstream(options.diff, options.ca_file);
  if (!upstream.problem.empty()) return fail(upstream.problem);
  const std::string file = options.contracts + "/" + options.provider + ".json";
  std::ifstream input(file, std::ios::binary);
  std::stringstream content;
  if (!input || !(content << input.rdbuf())) return fail(file + ": cannot be read");
  try {
    const Json contract = parse_json(content.str());
    Differ differ(contract, std::move(upstream));
    std::printf("%s, %s\n", options.diff.c_str(),
                differ.is_mock() ? "a mock, prepared for each exchange"
                                 : "a real server, prepared by the vendor's own calls");
    return compare_all(contract, differ);
  } catch (const std::exception& error) {
    return fail(file + ": " + error.what());
  }
}

}  // namespace mock

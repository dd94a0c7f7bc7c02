#include "vendors/eliza/body.h"

#include <algorithm>
#include <array>
#include <utility>

#include "vendors/eliza/javascript.h"
#include "vendors/eliza/refusals.h"
#include "vendors/eliza/rules.h"

namespace mock {

namespace {

constexpr std::size_t kMaxParsed = 2 * 1024 * 1024;

Answer unparsed(const Call& call, std::string message) {
  return eliza_refuse(call,
                      {.http_status = 500,
                       .code = "INTERNAL_SERVER_ERROR",
                       .message = std::move(message),
                       .by = ElizaRefusal::by_body_parser},
                      eliza_rules::kBadBody);
}

std::string type_of(const Call& call) {
  const std::string* type = call.request.header("Content-Type");
  return type == nullptr ? "" : *type;
}

bool is_parsed(const Call& call) {
  std::string type = lower_case(type_of(call));
  type.resize(std::min(type.find(';'), type.size()));
  while (type.ends_with(' ') || type.ends_with('\t')) type.pop_back();
  const bool has_body = call.request.header("Content-Length") != nullptr ||
                        call.request.header("Transfer-Encoding") != nullptr;
  return has_body && type == "application/json";
}

// The parameter's value, upper case, as the parser's words have it.
std::string charset_of(const Call& call) {
  const std::string type = lower_case(type_of(call));
  const std::size_t at = type.find("charset=");
  if (at == std::string::npos) return "UTF-8";
  std::string charset = type.substr(at + 8, type.find(';', at) - at - 8);
  std::erase(charset, '"');
  std::ranges::transform(charset, charset.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return charset;
}

// The parser takes objects and arrays only, and says of anything else what it begins with.
std::string problem_with_beginning(std::string body) {
  if (body.starts_with(javascript::kByteOrderMark)) {
    body.erase(0, javascript::kByteOrderMark.size());
  }
  const std::size_t at = body.find_first_not_of(" \t\r\n");
  if (at == std::string::npos || body[at] == '{' || body[at] == '[') return "";
  constexpr std::size_t kShortest = 21;  // of what is quoted in part
  std::string message = "Unexpected token '" + body.substr(at, 1) + "', \"";
  message += body.size() < kShortest ? body + "\"" : body.substr(0, at + 10) + "\"...";
  return message + " is not valid JSON";
}

}  // namespace

std::optional<Answer> eliza_refuse_body(const Call& call) {
  const std::string& body = call.request.body;
  if (!is_parsed(call)) return std::nullopt;
  const std::string charset = charset_of(call);
  if (!charset.starts_with("UTF-")) {
    return unparsed(call, "unsupported charset \"" + charset + "\"");
  }
  if (body.size() > kMaxParsed) return unparsed(call, "request entity too large");
  if (body.empty()) return std::nullopt;
  std::string problem = problem_with_beginning(body);
  if (!problem.empty()) return unparsed(call, std::move(problem));
  try {
    javascript::parse(body);
    if (charset == "UTF-8") return std::nullopt;  // of those that the server knows, one is enough
  } catch (const BadRequest&) {
  }
  return unparsed(call, "The body is not valid JSON");
}

std::optional<Answer> eliza_refuse_type(const Call& call) {
  const std::string& method = call.request.method;
  if (method != "POST" && method != "PATCH") return std::nullopt;
  const std::string type = type_of(call);
  if (speaks_as_server(call)) {
    const std::string* length = call.request.header("Content-Length");
    if (length == nullptr || *length == "0") return std::nullopt;
    static constexpr std::array<std::string_view, 3> kTaken{
        "application/json", "multipart/form-data", "application/x-www-form-urlencoded"};
    const auto is_in = [&](std::string_view each) { return type.find(each) != std::string::npos; };
    if (std::ranges::any_of(kTaken, is_in)) return std::nullopt;
  } else {
    const bool is_json = equals_ignoring_case(type.substr(0, 16), "application/json");
    if (call.request.body.empty() || is_json) return std::nullopt;
  }
  return eliza_refuse(call,
                      {.http_status = 400,
                       .code = "INVALID_CONTENT_TYPE",
                       .message = "Invalid or missing Content-Type header",
                       .by = ElizaRefusal::by_middleware},
                      eliza_rules::kContentType);
}

std::optional<Json> eliza_body(const Call& call, Answer& refused) {
  const std::string& body = call.request.body;
  const auto none = std::make_optional<Json>(Json::value_t::discarded);
  if (speaks_as_server(call)) {
    if (!is_parsed(call)) return none;
    // What does not parse was refused already. An empty body is parsed as an object.
    return std::make_optional(body.empty() ? Json::object() : javascript::parse(body));
  }
  if (body.empty()) return none;
  try {
    Json json = javascript::parse(body);
    // The server's parser takes arrays too, and then finds no member in one.
    if (json.is_structured()) return std::make_optional(std::move(json));
  } catch (const BadRequest&) {
  }
  refused = unparsed(call, "The body is not a JSON object or array");
  return std::nullopt;
}

}  // namespace mock

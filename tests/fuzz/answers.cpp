// Every operation of every vendor, with an id and a key that may be anything, and an answer that
// may: what is sent is HTTP, and reading an answer twice gives the same, or the same error.
//
// The choice is the operation. The text is a status of three digits and an end of line, header
// fields, an empty line and the body; the first field's value is the id, and the key.
#include <algorithm>
#include <string>
#include <vector>

#include "fuzz.h"
#include "sessionvitals/providers/eliza.h"
#include "sessionvitals/providers/eliza_stream.h"
#include "sessionvitals/providers/ping.h"
#include "sessionvitals/providers/ping_events.h"
#include "sessionvitals/providers/ping_limits.h"
#include "sessionvitals/providers/tiun.h"
#include "sessionvitals/values/utf8.h"

namespace {

using namespace sessionvitals;

struct Case {
  std::string id;
  Response response;
};

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

Case read_case(std::string_view text) {
  Case read;
  for (const char digit : take_line(text).substr(0, 3)) {
    if (digit < '0' || digit > '9') break;
    read.response.http_status = read.response.http_status * 10 + (digit - '0');
  }
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (line.empty()) break;
    const std::size_t colon = std::min(line.find(':'), line.size() - 1);
    std::string value(line.substr(colon + 1));
    if (value.starts_with(' ')) value.erase(0, 1);
    if (read.response.headers.empty()) read.id = value;
    read.response.headers.push_back({std::string(line.substr(0, colon)), std::move(value)});
  }
  read.response.body = text;
  return read;
}

void check_request(const Result<Request>& built) {
  if (!built) {
    fuzz::require(built.error().kind() == ErrorKind::configuration_error, "refused before sending");
    fuzz::require(is_utf8(built.error().message()), "the words of a refusal are text");
    return;
  }
  fuzz::require(is_token(built->method) && built->target.starts_with('/'), "a request is one");
  fuzz::require(std::ranges::all_of(built->target, [](char c) { return c > 0x20 && c < 0x7f; }),
                "a target has visible characters alone");
  for (const Header& field : built->headers) {
    fuzz::require(is_token(field.name), "a field's name is a token");
    fuzz::require(field.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos,
                  "a field's value is one line");
  }
}

template <class Answer>
void check_answer(const Result<Answer>& answer, const Result<Answer>& again) {
  fuzz::require(answer.has_value() == again.has_value(), "reading is pure");
  if (answer) return;
  fuzz::require(answer.error().message() == again.error().message(), "and so are its words");
  fuzz::require(is_utf8(answer.error().message()), "an error's words are text");
}

template <class Question>
Question ask(const std::string& id) {
  Question question{};
  if constexpr (requires { question.session_id; }) question.session_id = id;
  if constexpr (requires { question.value; }) question.value = id;
  if constexpr (requires { question.user_id; }) question.user_id = id;
  if constexpr (requires { question.client_id; }) question.client_id = id;
  if constexpr (requires { question.content; }) question.content = id;
  if constexpr (requires { question.token; }) question.token = id;
  if constexpr (requires { question.metadata; }) question.metadata = JsonText{id};
  if constexpr (requires { question.last_event_id; }) question.last_event_id = id;
  return question;
}

template <auto& operation>
void check(const Case& given) {
  using Question = typename std::remove_cvref_t<decltype(operation)>::Question;
  const auto question = ask<Question>(given.id);
  check_request(operation.build(question, Credential{given.id, ""}));
  check_request(operation.build(question, Credential{"key", ""}));
  if constexpr (requires { operation.parse; }) {
    check_answer(operation.parse(question, given.response),
                 operation.parse(question, given.response));
  } else {
    const ServerSentEvent event{"message", given.response.body, given.id};
    check_answer(operation.parse_event(question, event), operation.parse_event(question, event));
    fuzz::require(is_utf8(operation.parse_error(question, given.response).message()),
                  "an error's words are text");
  }
}

void check_probe(const Provider& provider, const Case& given) {
  const SessionId question{given.id};
  check_request(provider.probe.build(question, Credential{given.id, ""}));
  check_answer(provider.probe.parse(question, given.response),
               provider.probe.parse(question, given.response));
}

constexpr void (*kChecks[])(const Case&) = {
    check<ping::kSessionStatus>,
    check<ping::kListZones>,
    check<ping::kCreateSession>,
    check<ping::kPauseSession>,
    check<ping::kEvents>,
    check<ping::kGetGlobalLimits>,
    check<ping::kUpdateClientLimits>,
    check<ping::kDeleteSessionLimits>,
    check<tiun::kVerify>,
    check<tiun::kVerifyUser>,
    check<tiun::kGetUserInfo>,
    check<eliza::kGetSession>,
    check<eliza::kCheckHealth>,
    check<eliza::kCreateSession>,
    check<eliza::kListSessions>,
    check<eliza::kUpdateTimeout>,
    check<eliza::kDeleteSession>,
    check<eliza::kSendMessage>,
    check<eliza::kGetMessages>,
    check<eliza::kStreamMessage>,
    [](const Case& given) { check_probe(providers::eliza, given); },
    [](const Case& given) { check_probe(providers::ping, given); },
    [](const Case& given) { check_probe(providers::tiun, given); },
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto [choice, text] = fuzz::read_input(data, size);
  kChecks[choice % std::size(kChecks)](read_case(text));
  return 0;
}

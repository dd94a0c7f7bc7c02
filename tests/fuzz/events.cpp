// A stream of server-sent events: what a second reader, written from the standard's words, takes
// from the whole text is what the splitter takes from its pieces.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "fuzz.h"
#include "sessionvitals/engine/http/event_splitter.h"

namespace {

using sessionvitals::ServerSentEvent;
using sessionvitals::engine::EventSplitter;

struct Outcome {
  std::vector<ServerSentEvent> events;
  std::string last_event_id;
  bool has_retry = false;

  bool operator==(const Outcome&) const = default;
};

/// The lines that an end of line ends: CR LF, LF or CR.
std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  std::string line;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\r' && text[at] != '\n') {
      line += text[at];
      continue;
    }
    lines.push_back(std::move(line));
    line.clear();
    if (text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n') ++at;
  }
  return lines;
}

bool is_number(std::string_view value) {
  // Longer ones may be past what a number holds, and then count for nothing.
  return !value.empty() && value.size() < 19 &&
         std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
}

/// WHATWG HTML s9.2.6, step by step.
Outcome interpret(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  Outcome outcome;
  std::string data;
  std::string type;
  std::string id;
  for (const std::string& line : lines_of(text)) {
    if (line.empty()) {
      outcome.last_event_id = id;
      if (!data.empty()) {
        data.pop_back();
        outcome.events.push_back(
            {.type = type.empty() ? "message" : type, .data = data, .id = outcome.last_event_id});
      }
      data.clear();
      type.clear();
      continue;
    }
    const std::size_t colon = line.find(':');
    if (colon == 0) continue;
    const std::string field = line.substr(0, colon);
    std::string value = colon == std::string::npos ? "" : line.substr(colon + 1);
    if (!value.empty() && value[0] == ' ') value.erase(0, 1);
    if (field == "event") type = value;
    if (field == "data") data += value + "\n";
    if (field == "id" && value.find('\0') == std::string::npos) id = value;
    if (field == "retry" && is_number(value)) outcome.has_retry = true;
  }
  return outcome;
}

std::optional<Outcome> split(std::string_view text, fuzz::Pieces pieces) {
  EventSplitter splitter;
  Outcome outcome;
  for (std::size_t at = 0; at < text.size();) {
    const std::string piece(text.substr(at, pieces.next()));
    at += piece.size();
    std::string_view bytes = piece;
    while (true) {
      EventSplitter::Item item = splitter.next(bytes);
      if (std::holds_alternative<sessionvitals::Violation>(item)) return std::nullopt;
      auto* event = std::get_if<ServerSentEvent>(&item);
      if (event == nullptr) break;
      outcome.events.push_back(std::move(*event));
    }
    fuzz::require(bytes.empty(), "all bytes are taken");
  }
  outcome.last_event_id = splitter.last_event_id();
  outcome.has_retry = splitter.retry().has_value();
  return outcome;
}

bool has_long_number(std::string_view text) {
  std::size_t digits = 0;
  for (const char c : text) {
    digits = c >= '0' && c <= '9' ? digits + 1 : 0;
    if (digits >= 19) return true;
  }
  return false;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto [choice, text] = fuzz::read_input(data, size);
  const std::optional<Outcome> found = split(text, fuzz::Pieces(choice));
  if (!found) {
    fuzz::require(text.size() > EventSplitter::kMaxLine, "only what is long is refused");
    return 0;
  }
  Outcome expected = interpret(text);
  if (has_long_number(text)) expected.has_retry = found->has_retry;
  fuzz::require(*found == expected, "the events are those of the standard");
  return 0;
}

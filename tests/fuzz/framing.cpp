// A whole response, by length, in chunks or until the peer closes: however its bytes are cut, the
// same comes out of it.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "fuzz.h"
#include "sessionvitals/engine/http/message_reader.h"

namespace {

using namespace sessionvitals::engine;

struct Outcome {
  std::optional<Head> head;
  std::string body;
  std::optional<std::size_t> end;  // where the response ends, if it does
  bool is_violated = false;

  bool operator==(const Outcome&) const = default;
};

struct Question {
  std::string_view method;
  std::size_t limit;
};

/// Takes one event into the outcome. Returns false if there is none without more bytes.
bool take(Event event, Outcome& outcome) {
  if (std::holds_alternative<NeedData>(event)) return false;
  if (auto* head = std::get_if<Head>(&event)) {
    fuzz::require(!outcome.head, "there is one head");
    outcome.head = std::move(*head);
  } else if (const auto* data = std::get_if<Data>(&event)) {
    fuzz::require(outcome.head.has_value() && !data->bytes.empty(), "data comes after the head");
    outcome.body += data->bytes;
  } else if (std::holds_alternative<sessionvitals::Violation>(event)) {
    outcome.is_violated = true;
  }
  return true;
}

Outcome read(const Question& question, std::string_view text, fuzz::Pieces* pieces) {
  MessageReader reader;
  reader.start(question.method, question.limit);
  Outcome outcome;
  std::size_t taken = 0;
  std::size_t given = 0;
  while (!outcome.is_violated) {
    given = pieces == nullptr ? text.size() : std::min(text.size(), given + pieces->next());
    // In a place of its own, so that a byte read past its end is seen.
    const std::vector<char> buffer(text.begin() + static_cast<std::ptrdiff_t>(taken),
                                   text.begin() + static_cast<std::ptrdiff_t>(given));
    std::string_view unread(buffer.data(), buffer.size());
    while (true) {
      const std::size_t before = unread.size();
      Event event = given == text.size() ? reader.next_at_close(unread) : reader.next(unread);
      taken += before - unread.size();
      if (std::holds_alternative<End>(event)) {
        outcome.end = taken;
        return outcome;
      }
      if (!take(std::move(event), outcome)) break;
      if (outcome.is_violated) break;
    }
    if (given == text.size()) break;
  }
  return outcome;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto [choice, text] = fuzz::read_input(data, size);
  constexpr std::size_t kLimits[] = {1024 * 1024, 0, 16, 300};
  const Question question{(choice & 1U) != 0 ? "HEAD" : "GET", kLimits[(choice >> 1U) & 3U]};
  fuzz::Pieces pieces(choice);
  const Outcome whole = read(question, text, nullptr);
  const Outcome pieced = read(question, text, &pieces);
  fuzz::require(whole == pieced, "pieces change nothing");
  fuzz::require(whole.body.size() <= question.limit, "no body is longer than its limit");
  if (whole.end && whole.head->framing == Framing::length) {
    fuzz::require(whole.body.size() == whole.head->length, "a body has the length that it says");
  }
  return 0;
}

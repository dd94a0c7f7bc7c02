// What a client sends to the sandbox: its parser finds the same requests however their bytes are
// cut, and the sandbox answers every one of them.
#include <algorithm>
#include <string>
#include <vector>

#include "fuzz.h"
#include "mock.h"
#include "wire/request_parser.h"

namespace {

struct Outcome {
  std::vector<mock::Request> requests;
  int refused = 0;
};

Outcome parse(std::string_view text, fuzz::Pieces* pieces) {
  Outcome outcome;
  mock::RequestParser parser;
  mock::Request request;
  std::size_t taken = 0;
  std::size_t given = 0;
  while (true) {
    given = pieces == nullptr ? text.size() : std::min(text.size(), given + pieces->next());
    while (true) {
      // In a place of its own, so that a byte read past its end is seen.
      const std::vector<char> buffer(text.begin() + static_cast<std::ptrdiff_t>(taken),
                                     text.begin() + static_cast<std::ptrdiff_t>(given));
      const mock::Parsed parsed = parser.read({buffer.data(), buffer.size()}, request);
      if (parsed.outcome == mock::Parsed::Outcome::refused) {
        outcome.refused = parsed.http_status;
        return outcome;
      }
      if (parsed.outcome == mock::Parsed::Outcome::need_more) break;
      fuzz::require(parsed.used > 0 && parsed.used <= buffer.size(), "a request takes some bytes");
      taken += parsed.used;
      outcome.requests.push_back(std::move(request));
      request = {};
    }
    if (given == text.size()) return outcome;
  }
}

bool are_same(const mock::Request& one, const mock::Request& other) {
  return one.method == other.method && one.target == other.target && one.body == other.body &&
         one.keep_alive == other.keep_alive &&
         std::ranges::equal(one.headers, other.headers, [](const auto& a, const auto& b) {
           return a.name == b.name && a.value == b.value;
         });
}

void answer_all(const std::vector<mock::Request>& requests) {
  constexpr std::size_t kMemory = std::size_t{4} * 1024 * 1024;
  mock::MockOptions options;
  options.sandbox_bytes = kMemory;
  options.journal_bytes = kMemory;
  mock::Mock sandbox(options);
  for (const mock::Request& request : requests) {
    mock::RequestState state;
    const mock::Reply reply = sandbox.answer(request, state);
    if (reply.wait_until || reply.wait_for_change) continue;
    for (const auto& step : reply.plan.steps) {
      fuzz::require(step.pause >= 0, "no pause is negative");
    }
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto [choice, text] = fuzz::read_input(data, size);
  fuzz::Pieces pieces(choice);
  const Outcome whole = parse(text, nullptr);
  const Outcome pieced = parse(text, &pieces);
  fuzz::require(whole.refused == pieced.refused, "pieces change no refusal");
  fuzz::require(std::ranges::equal(whole.requests, pieced.requests, are_same),
                "pieces change no request");
  answer_all(whole.requests);
  return 0;
}

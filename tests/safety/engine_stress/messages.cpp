// The reader of responses alone, without a socket: the same bytes give the same
// events however they are cut, right ones and wrong ones, and no bytes crash it; on
// a thread with the smallest stack that a C library gives.

#include <pthread.h>

#include <cstdio>
#include <string>
#include <vector>

#include "sessionvitals/engine/http/message_reader.h"
#include "stress.h"

namespace stress {
namespace {

using sessionvitals::Violation;
using sessionvitals::engine::Data;
using sessionvitals::engine::End;
using sessionvitals::engine::Event;
using sessionvitals::engine::Head;
using sessionvitals::engine::MessageReader;
using sessionvitals::engine::NeedData;

const std::vector<std::string>& right_answers() {
  static const std::vector<std::string> answers = {
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
      "HTTP/1.1 200\r\nContent-Length: 0\r\nX-Empty:\r\n\r\n",
      "HTTP/1.1 204 No Content\r\n\r\n",
      "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n",
      "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
      "HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 102 P\r\n\r\nHTTP/1.1 200 OK\r\n"
      "Content-Length: 2\r\n\r\nhi",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n"
      "\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nhi\r\n0\r\nTrailer: x\r\n\r\n",
      "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n%41\r\n",
      "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
  };
  return answers;
}

/// What a reader made of an answer.
struct Read {
  Head head;
  std::string body;
  std::string violation;  // what was expected; what was found may be cut with the pieces
  bool is_whole = false;
  std::size_t left = 0;  // bytes behind the answer

  bool operator==(const Read&) const = default;
};

/// Reads an answer whose bytes come in pieces of those sizes, the last as often as
/// it takes, and then a close.
Read read(const std::string& answer, const std::vector<std::size_t>& sizes) {
  // Within the usual limit no mutation is long enough for a body to pass it.
  constexpr std::size_t kBodyLimit = 4000;
  MessageReader reader;
  reader.start("GET", kBodyLimit);
  Read result;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t piece = 0;
  bool is_closed = false;
  while (!result.is_whole && result.violation.empty()) {
    // Elsewhere in memory each time, as a buffer that has grown may be.
    const std::string buffer = answer.substr(begin, end - begin);
    std::string_view unread = buffer;
    Event event = is_closed ? reader.next_at_close(unread) : reader.next(unread);
    begin = end - unread.size();
    if (auto* head = std::get_if<Head>(&event)) {
      result.head = std::move(*head);
    } else if (const auto* data = std::get_if<Data>(&event)) {
      result.body.append(data->bytes);
    } else if (const auto* violation = std::get_if<Violation>(&event)) {
      result.violation = violation->expected;
    } else if (std::holds_alternative<End>(event)) {
      result.is_whole = true;
      result.left = answer.size() - begin;
    } else {
      if (is_closed) break;
      is_closed = end == answer.size();
      end += std::min(answer.size() - end, sizes[std::min(piece++, sizes.size() - 1)]);
    }
  }
  return result;
}

std::size_t count_wrong_cuts() {
  std::size_t wrong = 0;
  for (const std::string& answer : right_answers()) {
    const Read whole = read(answer, {answer.size()});
    wrong += whole.is_whole && whole.left == 0 ? 0 : 1;
    wrong += read(answer, {1}) == whole ? 0 : 1;
    for (std::size_t cut = 0; cut < answer.size(); ++cut) {
      if (read(answer, {cut, answer.size()}) == whole) continue;
      ++wrong;
      std::fprintf(stderr, "cut at %zu: %s\n", cut, answer.c_str());
    }
  }
  return wrong;
}

std::string mutated(Dice& dice) {
  const auto& answers = right_answers();
  const auto draw = [&](std::size_t size) {
    return static_cast<std::size_t>(dice.between(0, static_cast<std::int64_t>(size)));
  };
  std::string text = answers[draw(answers.size() - 1)];
  for (std::size_t n = draw(4); n > 0; --n) {
    const std::size_t at = draw(text.size());
    switch (dice.between(0, 4)) {
      case 0:
        text.insert(at, 1, static_cast<char>(dice.roll()));
        break;
      case 1:
        text.erase(at, draw(8));
        break;
      case 2:
        text.insert(at, text.substr(draw(text.size()), draw(40)));
        break;
      case 3:
        text.insert(at, draw(200) == 0 ? 200'000 : draw(2000), static_cast<char>(dice.roll()));
        break;
      default:
        if (at < text.size()) text[at] = static_cast<char>(dice.roll());
    }
  }
  return text;
}

/// Reads mutated answers whole and in random pieces. Returns how many read otherwise
/// in pieces.
std::size_t count_different(std::size_t count, Dice& dice, std::size_t& whole_answers) {
  std::size_t different = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string answer = mutated(dice);
    const Read whole = read(answer, {answer.size()});
    whole_answers += whole.is_whole ? 1 : 0;
    std::vector<std::size_t> sizes(static_cast<std::size_t>(dice.between(1, 20)));
    const std::int64_t longest = dice.between(0, 3) == 0 ? 3 : 4096;
    for (std::size_t& size : sizes) size = static_cast<std::size_t>(dice.between(1, longest));
    if (answer.size() > 10'000) sizes.back() = 4096;
    if (read(answer, sizes) == whole) continue;
    ++different;
    std::fprintf(stderr, "reads otherwise in pieces: %s\n", answer.substr(0, 300).c_str());
  }
  return different;
}

struct Task {
  std::size_t count;
  std::uint64_t seed;
  std::size_t wrong_cuts = 0;
  std::size_t whole = 0;
  std::size_t different = 0;
};

void* work(void* given) {
  auto* task = static_cast<Task*>(given);
  Dice dice(task->seed);
  task->wrong_cuts = count_wrong_cuts();
  task->different = count_different(task->count, dice, task->whole);
  return nullptr;
}

}  // namespace

bool run_messages(std::size_t count, std::uint64_t seed) {
  // What musl gives a thread; glibc gives 8 MiB. The engine's own threads ask
  // for neither, so that this is the least they can meet.
  constexpr std::size_t kSmallStack = std::size_t{128} * 1024;
  Task task{count, seed};
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kSmallStack);
  pthread_t thread{};
  if (pthread_create(&thread, &attributes, work, &task) != 0) return false;
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
  std::printf("{\"answers\": %zu, \"whole\": %zu, \"wrong_cuts\": %zu, \"different\": %zu}\n",
              count, task.whole, task.wrong_cuts, task.different);
  return task.wrong_cuts == 0 && task.different == 0;
}

}  // namespace stress

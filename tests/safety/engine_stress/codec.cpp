// The codec alone, without a socket: right answers cut at every point read the
// same, and wrong ones, however they are made, end in words and not in a crash;
// on a thread with the smallest stack that the C library gives.

#include <pthread.h>
#include <sys/resource.h>

#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "sessionvitals/engine/http/codec.h"
#include "stress.h"

namespace stress {
namespace {

using sessionvitals::Response;
using sessionvitals::engine::MessageReader;

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
      "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\n%41\r\n",
      "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
  };
  return answers;
}

/// Reads an answer in pieces: up to `cut`, then the rest.
std::optional<Response> read(const std::string& answer, std::size_t cut) {
  MessageReader reader;
  reader.start("GET");
  std::string buffer = answer.substr(0, cut);
  const MessageReader::Progress progress = reader.read(buffer);
  if (progress == MessageReader::Progress::whole) return decode_response(buffer, reader);
  if (progress == MessageReader::Progress::flawed) return std::nullopt;
  buffer = answer;  // elsewhere in memory, as a buffer that has grown may be
  if (reader.read(buffer) != MessageReader::Progress::whole) return std::nullopt;
  return decode_response(buffer, reader);
}

std::size_t count_wrong_cuts() {
  std::size_t wrong = 0;
  for (const std::string& answer : right_answers()) {
    const std::optional<Response> whole = read(answer, answer.size());
    if (!whole) {
      ++wrong;
      std::fprintf(stderr, "not read whole: %s\n", answer.c_str());
    }
    for (std::size_t cut = 0; whole && cut < answer.size(); ++cut) {
      if (read(answer, cut) != whole) {
        ++wrong;
        std::fprintf(stderr, "cut at %zu: %s\n", cut, answer.c_str());
      }
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

/// Reads wrong answers in random pieces. Returns how many the library refused
/// although our own checks had let them pass.
std::size_t count_refused_by_library(std::size_t count, Dice& dice, std::size_t& passed) {
  std::size_t refused = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string answer = mutated(dice);
    MessageReader reader;
    reader.start("GET");
    std::string buffer;
    auto progress = MessageReader::Progress::more;
    while (buffer.size() < answer.size() && progress == MessageReader::Progress::more) {
      buffer += answer.substr(buffer.size(), static_cast<std::size_t>(dice.between(1, 4096)));
      progress = reader.read(buffer);
    }
    if (progress == MessageReader::Progress::more) progress = reader.read_end(buffer);
    if (progress != MessageReader::Progress::whole) continue;
    ++passed;
    if (!decode_response(buffer, reader)) {
      ++refused;
      std::fprintf(stderr, "refused: %s\n", answer.substr(0, 200).c_str());
    }
  }
  return refused;
}

struct Task {
  std::size_t count;
  std::uint64_t seed;
  std::size_t wrong_cuts = 0;
  std::size_t passed = 0;
  std::size_t refused = 0;
};

void* work(void* given) {
  auto* task = static_cast<Task*>(given);
  Dice dice(task->seed);
  task->wrong_cuts = count_wrong_cuts();
  task->refused = count_refused_by_library(task->count, dice, task->passed);
  return nullptr;
}

}  // namespace

bool run_codec(std::size_t count, std::uint64_t seed) {
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
  std::printf(
      "{\"answers\": %zu, \"passed\": %zu, \"wrong_cuts\": %zu, \"refused_by_library\": %zu, "
      "\"httplib\": \"%s\"}\n",
      count, task.passed, task.wrong_cuts, task.refused,
      std::string(sessionvitals::engine::codec_version()).c_str());
  return task.wrong_cuts == 0 && task.refused == 0;
}

}  // namespace stress

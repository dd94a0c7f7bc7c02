// Keys that change, of a C++ user: rotating COMMAND SESSION [STEP...]
//
//   plan SESSION STEP...    a call for each line of output, until the function has been asked
//                           for every step: a key, or "!" for an exception. What came, and how
//                           often it was asked
//   meanwhile SESSION       "second" is asked for only once another thread was given a client
//   threads SESSION         sixteen threads whose key, "first", is refused; how many were
//                           answered, and how often the function was asked
#include <sessionvitals/sessionvitals.h>

#include <atomic>
#include <functional>
#include <future>
#include <iostream>
#include <latch>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace sessionvitals;
using Words = std::vector<std::string>;
using Rotating = RotatingClient<PingClient>;

PingClient with_key(std::string key) {
  return PingClient({.api_key = std::move(key), .call = {.max_retries = 0}});
}

std::string ask(Rotating& rotating, const std::string& session_id) {
  try {
    const auto answer =
        rotating.call([&](const PingClient& client) { return client.session_status(session_id); });
    return answer ? answer->status : std::string(class_name(answer.error().kind()));
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

void follow_plan(const Words& words) {
  const std::size_t steps = words.size() - 2;
  std::size_t asked = 0;
  Rotating rotating(
      [&]() -> std::string {
        const std::string& step = words.at(2 + std::min(asked++, steps - 1));
        if (step == "!") throw std::runtime_error("no key");
        return step;
      },
      with_key);
  for (std::size_t before = 0; before < steps; before = asked) {
    const std::string came = ask(rotating, words[1]);
    std::cout << came << " asked " << asked << '\n';
    if (asked == before) break;
  }
}

void go_on_meanwhile(const std::string& session_id) {
  std::promise<void> is_asking;
  std::promise<void> may_answer;
  int asked = 0;  // by one thread at a time
  Rotating rotating(
      [&]() -> std::string {
        if (++asked == 1) return "first";
        is_asking.set_value();
        may_answer.get_future().wait();
        return "second";
      },
      with_key);
  std::future<std::string> refused =
      std::async(std::launch::async, [&] { return ask(rotating, session_id); });
  is_asking.get_future().wait();
  const PingClient last = rotating.client();
  std::cout << class_name(last.session_status(session_id).error().kind()) << '\n';
  may_answer.set_value();
  std::cout << refused.get() << " asked " << asked << '\n';
}

void ask_by_many(const std::string& session_id) {
  constexpr int kThreads = 16;
  std::atomic<int> asked = 0;
  std::atomic<int> answered = 0;
  Rotating rotating([&]() -> std::string { return asked++ == 0 ? "first" : "second"; }, with_key);
  std::latch start(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      start.arrive_and_wait();
      if (ask(rotating, session_id) == "connected") ++answered;
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::cout << answered << " asked " << asked << '\n';
}

}  // namespace

int main(int count, char** arguments) {
  const Words words(arguments + 1, arguments + count);  // the address is in PING_BASE_URL
  if (words.at(0) == "plan") follow_plan(words);
  if (words[0] == "meanwhile") go_on_meanwhile(words.at(1));
  if (words[0] == "threads") ask_by_many(words.at(1));
}

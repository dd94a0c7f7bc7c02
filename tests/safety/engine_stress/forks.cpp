// Children of a fork over an inherited transport: does anyone get another's
// answer, and does a child's end disturb the parent?

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "peer.h"
#include "stress.h"

namespace stress {
namespace {

using sessionvitals::CallReport;
using sessionvitals::Context;
using TransportPointer = std::shared_ptr<const sessionvitals::engine::PoolTransport>;

struct Count {
  std::size_t wrong = 0;   // another's answer
  std::size_t failed = 0;  // no answer
};

/// Makes calls whose answers tell whose they are.
Count make_calls(const TransportPointer& transport, std::size_t count, const std::string& who) {
  Count result;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string token = who + "-" + std::to_string(i);
    CallReport report;
    Context context;
    context.deadline = Clock::now() + std::chrono::seconds(30);
    const auto response = transport->send(request_of("/ok/" + token), kAsksOnly, context, report);
    if (!response) {
      ++result.failed;
      std::fprintf(stderr, "%s: %s\n", who.c_str(), response.error().message().c_str());
    } else if (response->body != token) {
      ++result.wrong;
    }
  }
  return result;
}

/// Forks a child that makes calls while the parent does; adds both up.
Count race(const TransportPointer& transport, std::size_t count) {
  std::array<pid_t, 3> children{};
  for (pid_t& child : children) {
    child = ::fork();
    if (child == 0) {
      const Count own = make_calls(transport, count / 4, std::to_string(::getpid()));
      ::_exit(own.wrong > 0 ? 2 : (own.failed > 0 ? 1 : 0));
    }
  }
  Count total = make_calls(transport, count / 4, "parent");
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
    if (code == 2) ++total.wrong;
    if (code == 1) ++total.failed;
  }
  return total;
}

/// A child that ends, destructors and all, between two calls of the parent.
bool is_disturbed_by_exit(TransportPointer& transport) {
  const pid_t child = ::fork();
  if (child == 0) {
    transport.reset();
    std::exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  CallReport report;
  Context context;
  context.deadline = Clock::now() + std::chrono::seconds(30);
  const auto response = transport->send(request_of("/ok/after"), kAsksOnly, context, report);
  return !response || !report.attempts.front().reused || report.attempts.size() != 1 ||
         !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

}  // namespace

bool run_forks(std::size_t count, std::uint64_t) {
  // The server is a process of its own, so that no fork copies its threads.
  std::array<int, 2> told{};
  if (::pipe(told.data()) != 0) return false;
  const pid_t server = ::fork();
  if (server == 0) {
    Peer peer;
    const int port = peer.port();
    [[maybe_unused]] const ssize_t written = ::write(told[1], &port, sizeof port);
    for (;;) ::pause();
  }
  ::close(told[1]);
  int port = 0;
  if (::read(told[0], &port, sizeof port) != sizeof port) return false;
  TransportPointer transport = open("http://127.0.0.1:" + std::to_string(port) + "/f");
  const Count warm = make_calls(transport, 2, "warm");

  // Another thread keeps the pool's locks and connections busy all the while.
  std::atomic<bool> is_over{false};
  Count beside;
  std::thread busy([&] {
    while (!is_over) {
      const Count more = make_calls(transport, 10, "beside");
      beside.wrong += more.wrong;
      beside.failed += more.failed;
    }
  });
  Count total = race(transport, count);
  is_over = true;
  busy.join();

  std::size_t disturbed = 0;
  for (int i = 0; i < 100; ++i) disturbed += is_disturbed_by_exit(transport) ? 1U : 0U;
  ::kill(server, SIGKILL);
  ::waitpid(server, nullptr, 0);
  total.wrong += warm.wrong + beside.wrong;
  total.failed += warm.failed + beside.failed;
  std::printf("{\"calls\": %zu, \"wrong\": %zu, \"failed\": %zu, \"disturbed_of_100\": %zu}\n",
              count, total.wrong, total.failed, disturbed);
  return total.wrong == 0 && total.failed == 0 && disturbed == 0;
}

}  // namespace stress

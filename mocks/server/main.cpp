// sessionpulse-mock: the three vendors' sandboxes on one port. See mocks/README.md.
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <random>

#include "listener.h"
#include "loop.h"
#include "mock.h"
#include "options.h"
#include "scenario.h"

namespace {

constexpr int kUsageProblem = 2;
constexpr int kPortTaken = 3;
constexpr std::size_t kMostConnections = 4096;

int fail(int exit_code, const std::string& message) {
  std::fprintf(stderr, "sessionpulse-mock: %s\n", message.c_str());
  return exit_code;
}

// As many descriptors as we are let have, for as many connections.
std::size_t raise_descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, kMostConnections + 64);
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  return std::clamp<std::size_t>(limit.rlim_cur, 96, kMostConnections + 64) - 64;
}

std::string url_of(const std::string& host, std::uint16_t port) {
  const bool six = host.find(':') != std::string::npos;
  return "http://" + (six ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

void print_ready(const mock::Options& options, std::uint16_t port, mock::Space& space) {
  mock::Json keys = mock::to_json(space.keys);
  keys.erase("tiun_production");
  const mock::Json ready = {{"event", "ready"},     {"url", url_of(options.host, port)},
                            {"port", port},         {"pid", getpid()},
                            {"seed", options.seed}, {"keys", std::move(keys)}};
  std::puts(mock::to_text(ready).c_str());
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  mock::Options options = mock::read_options({argv + 1, argv + argc});
  if (options.help) {
    std::fputs(mock::kUsage, stdout);
    return 0;
  }
  if (!options.problem.empty()) {
    return fail(kUsageProblem, options.problem + "; see sessionpulse-mock --help");
  }
  if (options.exit_with_parent) prctl(PR_SET_PDEATHSIG, SIGTERM);
  // Kept within what every JSON reader holds exactly.
  if (!options.seed_given) options.seed = std::random_device{}();

  mock::Mock sandbox({.seed = options.seed});
  mock::Space& space = *sandbox.spaces().open("default");
  if (!options.scenario.empty()) {
    const std::string problem = mock::load_file(space, options.scenario);
    if (!problem.empty()) return fail(kUsageProblem, problem);
  }
  const mock::Listener listener = mock::listen_on(options.host, options.port);
  if (!listener.problem.empty()) {
    return fail(listener.taken ? kPortTaken : kUsageProblem, listener.problem);
  }
  mock::Loop loop(listener.socket, sandbox, raise_descriptor_limit());
  if (options.exit_with_parent) loop.watch_stdin();
  print_ready(options, listener.port, space);
  loop.run();
  return 0;
}

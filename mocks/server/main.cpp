// sessionvitals-mock: the three vendors' sandboxes on one port. See mocks/README.md.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <random>

#include "memory.h"
#include "mock.h"
#include "options.h"
#include "recording/diff.h"
#include "recording/response_source.h"
#include "recording/watch.h"
#include "sandbox/scenario.h"
#include "wire/listener.h"
#include "wire/loop.h"

namespace {

constexpr int kUsageProblem = 2;
constexpr int kPortTaken = 3;
constexpr int kNotWritten = 74;  // EX_IOERR of sysexits.h, as the command line of the client
constexpr std::size_t kMaxConnections = 4096;

int fail(int exit_code, const std::string& message) {
  std::fprintf(stderr, "sessionvitals-mock: %s\n", message.c_str());
  return exit_code;
}

// As many descriptors as we are let have, for as many connections.
std::size_t raise_descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, kMaxConnections + 64);
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  // What the process needs beside them; the loop also heeds the limit itself.
  const rlim_t others = limit.rlim_cur > 128 ? 64 : 12;
  return std::clamp<std::size_t>(limit.rlim_cur, others + 1, kMaxConnections + others) - others;
}

std::string url_of(const mock::Options& options, std::uint16_t port) {
  const std::string& host = options.host;
  const bool six = host.find(':') != std::string::npos;
  return (options.tls ? "https://" : "http://") + (six ? "[" + host + "]" : host) + ":" +
         std::to_string(port);
}

// Whether a line got out: a full disk and a reader that has gone are seen only when flushed.
bool print(const std::string& line) {
  return std::puts(line.c_str()) >= 0 && std::fflush(stdout) == 0;
}

// Descriptors 0 to 2 that are closed become /dev/null, so that no socket takes their number. Gives
// whether standard output was open.
bool fill_standard_descriptors() {
  const bool has_output = fcntl(STDOUT_FILENO, F_GETFD) >= 0;
  while (true) {
    const int descriptor = open("/dev/null", O_RDWR);
    if (descriptor <= STDERR_FILENO && descriptor >= 0) continue;
    if (descriptor >= 0) close(descriptor);
    return has_output;
  }
}

bool print_ready(const mock::Options& options, std::uint16_t port, const mock::Space& space,
                 const mock::TlsServer* tls) {
  mock::Json keys = mock::to_json(space.keys);
  keys.erase("tiun_production");
  mock::Json ready = {{"event", "ready"},     {"url", url_of(options, port)},
                      {"port", port},         {"pid", getpid()},
                      {"seed", options.seed}, {"keys", std::move(keys)}};
  if (tls != nullptr) ready["ca_file"] = tls->ca_file();
  return print(mock::to_text(ready));
}

bool standard_input_ended() {
  char ignored[256];
  const ssize_t count = read(STDIN_FILENO, ignored, sizeof ignored);
  return count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR);
}

// A pipe or socket on standard input ends when its last holder does, by whatever means. Without one
// there is only the kernel's signal, which also comes when just the thread that started us ends.
void end_with_parent(mock::Loop& loop) {
  struct stat input {};
  const bool known = fstat(STDIN_FILENO, &input) == 0;
  if (known && (S_ISFIFO(input.st_mode) || S_ISSOCK(input.st_mode))) {
    loop.watch(STDIN_FILENO, standard_input_ended);
  } else {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
  }
}

// A scenario that is wrong leaves the space as it was: somebody is in the middle of writing it.
void reload(mock::Mock& sandbox, const std::string& scenario) {
  mock::Spaces& spaces = sandbox.spaces();
  const std::string problem =
      mock::load_file(*spaces.open("default"), scenario, spaces.sandbox_budget());
  const mock::Json event = problem.empty()
                               ? mock::Json{{"event", "reloaded"}, {"scenario", scenario}}
                               : mock::Json{{"event", "not reloaded"}, {"problem", problem}};
  print(mock::to_text(event));
}

}  // namespace

int main(int argc, char** argv) {
  const bool has_output = fill_standard_descriptors();
  std::signal(SIGPIPE, SIG_IGN);  // a write says so by itself
  mock::Options options = mock::read_options({argv + 1, argv + argc});
  if (options.help) {
    const bool written =
        has_output && std::fputs(mock::kUsage, stdout) >= 0 && std::fflush(stdout) == 0;
    return written ? 0 : fail(kNotWritten, "the help could not be written");
  }
  if (!options.problem.empty()) {
    return fail(kUsageProblem, options.problem + "; see sessionvitals-mock --help");
  }
  // Kept within what every JSON reader holds exactly.
  if (!options.seed_given) options.seed = std::random_device{}();

  if (!options.diff.empty()) return mock::run_diff(options);

  mock::Mock sandbox({.seed = options.seed,
                      .sandbox_bytes = options.sandbox_bytes,
                      .journal_bytes = options.journal_bytes,
                      .access = {.address = options.host,
                                 .hosts = options.allow_hosts,
                                 .origins = options.allow_origins,
                                 .token = options.admin_token}});
  mock::Space& space = *sandbox.spaces().open("default");
  if (!options.scenario.empty()) {
    const std::string problem =
        mock::load_file(space, options.scenario, sandbox.spaces().sandbox_budget());
    if (!problem.empty()) return fail(kUsageProblem, problem);
  }
  std::string problem;
  std::unique_ptr<mock::ResponseSource> source;
  if (!options.record.empty()) {
    source = mock::make_recorder(options, problem);
  } else if (!options.replay.empty()) {
    source = mock::make_replayer(options.replay, problem);
  }
  if (!problem.empty()) return fail(kUsageProblem, problem);
  if (source) sandbox.use_source(*source);
  const mock::Listener listener = mock::listen_on(options.host, options.port);
  if (!listener.problem.empty()) {
    return fail(listener.taken ? kPortTaken : kUsageProblem, listener.problem);
  }
  std::unique_ptr<mock::TlsServer> tls;
  if (options.tls) {
    tls = mock::make_tls_server(options.host, problem);
    if (!tls) return fail(kUsageProblem, "--tls: " + problem);
  }
  mock::Loop loop(listener.socket, tls.get(), sandbox, raise_descriptor_limit());
  if (options.exit_with_parent) end_with_parent(loop);
  if (options.watch) {
    const int changes = mock::watch_file(options.scenario);
    if (changes < 0) return fail(kUsageProblem, "--watch: cannot watch " + options.scenario);
    loop.watch(changes, [&, changes] {
      if (mock::has_changed(changes, options.scenario)) reload(sandbox, options.scenario);
      return false;
    });
  }
  if (source && source->wake_up() >= 0) {
    loop.watch(source->wake_up(), [&] {
      if (source->drain()) sandbox.note_change();
      return false;
    });
  }
  mock::forget_start_up_pages();
  if (!has_output || !print_ready(options, listener.port, space, tls.get())) {
    return fail(kNotWritten,
                "the ready line could not be written to standard output, and nobody would know "
                "the port");
  }
  loop.run();
  if (!source) return 0;
  problem = source->finish();
  tls.reset();
  std::fflush(nullptr);
  // Not by returning: a thread may still wait for the real server, and must not meet the end of
  // what it uses.
  _exit(problem.empty() ? 0 : fail(kUsageProblem, problem));
}

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

#include "greeting.h"
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

// Raises the limit on descriptors as far as allowed. Returns how many connections it leaves room
// for.
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

// Whether the text was written: a full disk and a reader that has gone are noticed by the flush.
bool print(const std::string& text) {
  return std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
}

// Opens /dev/null for each of the descriptors 0 to 2 that is closed, so that no socket takes its
// number. Returns whether standard output was open.
bool fill_standard_descriptors() {
  const bool has_output = fcntl(STDOUT_FILENO, F_GETFD) >= 0;
  while (true) {
    const int descriptor = open("/dev/null", O_RDWR);
    if (descriptor <= STDERR_FILENO && descriptor >= 0) continue;
    if (descriptor >= 0) close(descriptor);
    return has_output;
  }
}

bool standard_input_ended() {
  char ignored[256];
  const ssize_t count = read(STDIN_FILENO, ignored, sizeof ignored);
  return count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR);
}

// If standard input is a pipe or socket, it closes when the parent dies. Otherwise the kernel sends
// a signal, which it also does when only the thread that started this process ends.
void end_with_parent(mock::Loop& loop) {
  struct stat input {};
  const bool known = fstat(STDIN_FILENO, &input) == 0;
  if (known && (S_ISFIFO(input.st_mode) || S_ISSOCK(input.st_mode))) {
    loop.watch(STDIN_FILENO, standard_input_ended);
  } else {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
  }
}

// A wrong scenario leaves the space as it was: its author may be in the middle of writing it.
void reload(mock::Mock& sandbox, const std::string& scenario) {
  mock::Spaces& spaces = sandbox.spaces();
  const std::string problem =
      mock::load_file(*spaces.open("default"), scenario, spaces.sandbox_budget());
  const mock::Json event = problem.empty()
                               ? mock::Json{{"event", "reloaded"}, {"scenario", scenario}}
                               : mock::Json{{"event", "not reloaded"}, {"problem", problem}};
  print(mock::to_text(event) + "\n");
}

}  // namespace

int main(int argc, char** argv) {
  const bool has_output = fill_standard_descriptors();
  std::signal(SIGPIPE, SIG_IGN);  // a write says so by itself
  mock::Options options = mock::read_options({argv + 1, argv + argc});
  if (options.help || options.version) {
    const std::string text = options.help
                                 ? std::string(mock::kUsage)
                                 : "sessionvitals-mock " + std::string(mock::version()) + "\n";
    return has_output && print(text) ? 0 : fail(kNotWritten, "standard output cannot be written");
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
                                 .token = options.admin_token,
                                 .has_page = options.has_dashboard()},
                      .dashboard = options.has_dashboard()});
  mock::Space& space = *sandbox.spaces().open("default");
  if (!options.scenario.empty()) {
    const std::string problem =
        mock::load_file(space, options.scenario, sandbox.spaces().sandbox_budget());
    if (!problem.empty()) return fail(kUsageProblem, problem);
  }
  if (options.env) {
    const std::string url = mock::url_of(options, options.port);
    return has_output && print(mock::shell_environment(url, space.keys))
               ? 0
               : fail(kNotWritten, "standard output cannot be written");
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
  const std::string ready = mock::ready_line(options, listener.port, space.keys, tls.get());
  if (!has_output || !print(ready + "\n")) {
    return fail(kNotWritten,
                "the ready line could not be written to standard output, and nobody would know "
                "the port");
  }
  loop.run();
  if (!source) return 0;
  problem = source->finish();
  tls.reset();
  std::fflush(nullptr);
  // Not by returning: a thread may still wait for the real server, and must not see the objects
  // that it uses destroyed.
  _exit(problem.empty() ? 0 : fail(kUsageProblem, problem));
}

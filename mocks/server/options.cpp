#include "options.h"

#include <charconv>

namespace mock {

const char* const kUsage =
    "usage: sessionpulse-mock [options]\n"
    "\n"
    "Plays the sandboxes of tiun, Ping Network and elizaOS on one port. Prints one line of JSON\n"
    "when it can be connected to.\n"
    "\n"
    "  --port N             port to listen on (8750); 0 lets the system choose\n"
    "  --host ADDRESS       address to listen on (127.0.0.1)\n"
    "  --scenario FILE      what the space `default` holds\n"
    "  --watch              load the scenario again whenever its file changes\n"
    "  --tls                speak TLS with a throw-away CA, whose file is in the ready line\n"
    "  --seed N             makes every draw repeatable; chosen and printed when not given\n"
    "  --journal-bytes N    the most that the journals of all spaces hold together (4194304)\n"
    "  --exit-with-parent   stop when standard input ends or the parent process dies\n"
    "\n"
    "exit codes: 0 stopped, 2 wrong usage or scenario, 3 the port is taken\n";

namespace {

template <typename Number>
bool read_number(const std::string& text, Number& number) {
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  return !text.empty() && read.ec == std::errc() && read.ptr == end;
}

struct Flag {
  std::string_view name;
  bool Options::*on;
};

constexpr Flag kFlags[] = {
    {"--help", &Options::help},
    {"-h", &Options::help},
    {"--exit-with-parent", &Options::exit_with_parent},
    {"--tls", &Options::tls},
    {"--watch", &Options::watch},
};

// False when the value does not fit; an unknown name is told before.
bool take_value(Options& options, std::string_view name, const std::string& value) {
  if (name == "--port") return read_number(value, options.port);
  if (name == "--seed") return options.seed_given = read_number(value, options.seed);
  if (name == "--journal-bytes") return read_number(value, options.journal_bytes);
  (name == "--host" ? options.host : options.scenario) = value;
  return !value.empty();
}

bool takes_value(std::string_view name) {
  return name == "--port" || name == "--seed" || name == "--journal-bytes" || name == "--host" ||
         name == "--scenario";
}

bool set_flag(Options& options, std::string_view name) {
  for (const Flag& flag : kFlags) {
    if (flag.name == name) return options.*flag.on = true;
  }
  return false;
}

}  // namespace

Options read_options(const std::vector<std::string>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size() && options.problem.empty(); ++i) {
    if (set_flag(options, arguments[i])) continue;
    const std::size_t equals = arguments[i].find('=');
    const bool joined = equals != std::string::npos;
    const std::string name = arguments[i].substr(0, equals);
    if (!takes_value(name)) {
      options.problem = "unknown option " + arguments[i];
    } else if (!joined && i + 1 == arguments.size()) {
      options.problem = name + " needs a value";
    } else {
      const std::string value = joined ? arguments[i].substr(equals + 1) : arguments[++i];
      if (!take_value(options, name, value)) options.problem = name + " cannot be " + value;
    }
  }
  if (options.watch && options.scenario.empty()) options.problem = "--watch needs --scenario";
  return options;
}

}  // namespace mock

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
    "  --seed N             makes every draw repeatable; chosen and printed when not given\n"
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

}  // namespace

Options read_options(const std::vector<std::string>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string name = arguments[i];
    std::string value;
    const std::size_t equals = name.find('=');
    const bool joined = name.starts_with("--") && equals != std::string::npos;
    if (joined) {
      value = name.substr(equals + 1);
      name.resize(equals);
    }
    if (name == "--help" || name == "-h") {
      options.help = true;
      return options;
    }
    if (name == "--exit-with-parent" && !joined) {
      options.exit_with_parent = true;
      continue;
    }
    const bool known =
        name == "--port" || name == "--host" || name == "--scenario" || name == "--seed";
    if (!known) {
      options.problem = "unknown option " + name;
      return options;
    }
    if (!joined) {
      if (++i == arguments.size()) {
        options.problem = name + " needs a value";
        return options;
      }
      value = arguments[i];
    }
    bool good = true;
    if (name == "--port") good = read_number(value, options.port);
    if (name == "--seed") good = options.seed_given = read_number(value, options.seed);
    if (name == "--host") options.host = value;
    if (name == "--scenario") options.scenario = value;
    if (!good) {
      options.problem = name + " cannot be " + value;
      return options;
    }
  }
  return options;
}

}  // namespace mock

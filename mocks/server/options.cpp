#include "options.h"

#include <algorithm>
#include <charconv>

#include "admin/access.h"
#include "sandbox/files.h"

namespace mock {

const char* const kUsage =
    "usage: sessionvitals-mock [options]\n"
    "\n"
    "Plays the sandboxes of tiun, Ping Network and elizaOS on one port. Prints one line of JSON\n"
    "when it can be connected to.\n"
    "\n"
    "  --port N             port to listen on (8750); 0 lets the system choose\n"
    "  --host ADDRESS       address to listen on (127.0.0.1)\n"
    "  --allow-host NAME    another name that the admin interface is reached by, or *.NAME; may\n"
    "                       be given more than once\n"
    "  --allow-origin URL   a page that may use the admin interface, SCHEME://HOST[:PORT]; may be\n"
    "                       given more than once\n"
    "  --admin-token TEXT   what the admin interface asks for as a bearer token; @FILE reads it\n"
    "                       from a file. Needed when --host is not this machine alone\n"
    "  --insecure-admin     let everybody who reaches --host use the admin interface\n"
    "  --no-dashboard       serve neither the page /__admin/ nor its events\n"
    "  --dashboard          serve them with --record as well, where they show what people send\n"
    "  --scenario FILE      what the space `default` holds\n"
    "  --watch              load the scenario again whenever its file changes\n"
    "  --record URL --to FILE\n"
    "                       stand before a real server and record what it answers, without "
    "secrets\n"
    "  --replay FILE        answer from a recording\n"
    "  --diff URL --provider NAME [--contracts DIRECTORY]\n"
    "                       ask a real server what the contract says, print what differs, and end\n"
    "  --ca-file FILE       the authorities that the server of --record or --diff is known by, in\n"
    "                       PEM, instead of the machine's\n"
    "  --tls                speak TLS with a throw-away CA, whose file is in the ready line\n"
    "  --seed N             makes every draw repeatable; chosen and printed when not given\n"
    "  --sandbox-bytes N    the most that sessions and faults of all spaces hold together\n"
    "                       (536870912)\n"
    "  --journal-bytes N    the most that the journals of all spaces hold together (4194304)\n"
    "  --env                print the environment that leads clients to a mock on this --port, as\n"
    "                       shell commands, and end: eval \"$(sessionvitals-mock --env)\"\n"
    "  --version            print the version and end\n"
    "  --exit-with-parent   stop when standard input, a pipe, ends or the parent process dies\n"
    "\n"
    "exit codes: 0 stopped, 1 --diff found differences, 2 wrong usage or scenario, 3 the port is "
    "taken, 74 the ready line could not be written\n";

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
    {"--version", &Options::version},
    {"--env", &Options::env},
    {"--exit-with-parent", &Options::exit_with_parent},
    {"--tls", &Options::tls},
    {"--watch", &Options::watch},
    {"--insecure-admin", &Options::insecure_admin},
    {"--dashboard", &Options::dashboard},
    {"--no-dashboard", &Options::no_dashboard},
};

struct Text {
  std::string_view name;
  std::string Options::*text;
};

constexpr Text kTexts[] = {
    {"--host", &Options::host},         {"--scenario", &Options::scenario},
    {"--record", &Options::record},     {"--to", &Options::record_to},
    {"--replay", &Options::replay},     {"--diff", &Options::diff},
    {"--provider", &Options::provider}, {"--contracts", &Options::contracts},
    {"--ca-file", &Options::ca_file},   {"--admin-token", &Options::admin_token},
};

struct List {
  std::string_view name;
  std::vector<std::string> Options::*list;
};

constexpr List kLists[] = {
    {"--allow-host", &Options::allow_hosts},
    {"--allow-origin", &Options::allow_origins},
};

bool is_number(std::string_view name) {
  return name == "--port" || name == "--seed" || name == "--journal-bytes" ||
         name == "--sandbox-bytes";
}

bool takes_value(std::string_view name) {
  for (const Text& text : kTexts) {
    if (text.name == name) return true;
  }
  for (const List& list : kLists) {
    if (list.name == name) return true;
  }
  return is_number(name);
}

// False when the value does not fit.
bool take_value(Options& options, std::string_view name, const std::string& value) {
  if (name == "--port") return read_number(value, options.port);
  if (name == "--seed") return options.seed_given = read_number(value, options.seed);
  if (name == "--sandbox-bytes") return read_number(value, options.sandbox_bytes);
  if (name == "--journal-bytes") return read_number(value, options.journal_bytes);
  for (const Text& text : kTexts) {
    if (text.name == name) options.*text.text = value;
  }
  for (const List& list : kLists) {
    if (list.name == name) (options.*list.list).push_back(value);
  }
  return !value.empty();
}

// What does not go together, or nothing.
std::string contradiction(const Options& options) {
  if (options.watch && options.scenario.empty()) return "--watch needs --scenario";
  if (options.record.empty() != options.record_to.empty()) return "--record URL needs --to FILE";
  if (!options.ca_file.empty() && options.record.empty() && options.diff.empty()) {
    return "--ca-file needs --record or --diff";
  }
  if (options.diff.empty() != options.provider.empty()) return "--diff URL needs --provider NAME";
  if (options.dashboard && options.no_dashboard) {
    return "--dashboard and --no-dashboard exclude each other";
  }
  if (options.env && options.port == 0) return "--env needs the --port of a mock";
  if (options.env && options.tls) return "--env cannot name the CA of a mock with --tls";
  const int modes = int{!options.record.empty()} + int{!options.replay.empty()} +
                    int{!options.diff.empty()} + int{!options.scenario.empty()};
  return modes > 1 ? "--scenario, --record, --replay and --diff exclude each other" : "";
}

// Reads the token's file when one is named. Gives what is wrong, or nothing.
std::string finish_token(Options& options) {
  std::string& token = options.admin_token;
  if (token.starts_with('@')) {
    const std::string file = token.substr(1);
    const auto text = read_file(file);
    if (!text) return "--admin-token: " + file + " cannot be read";
    token = *text;
    token.erase(std::min(token.find_last_not_of("\r\n \t") + 1, token.size()));
    if (token.empty()) return "--admin-token: " + file + " is empty";
  }
  const auto is_sendable = [](char c) { return c > ' ' && c <= '~'; };
  if (!std::ranges::all_of(token, is_sendable)) {
    return "--admin-token must be visible ASCII without spaces: it is sent in a header";
  }
  return "";
}

std::string problem_with_access(const Options& options) {
  for (const std::string& host : options.allow_hosts) {
    if (!is_host_pattern(host)) {
      return "--allow-host cannot be " + host + ": it is a name without scheme and port";
    }
  }
  for (const std::string& origin : options.allow_origins) {
    if (!is_origin(origin)) {
      return "--allow-origin cannot be " + origin + ": it is SCHEME://HOST[:PORT], no path";
    }
  }
  if (is_loopback(options.host) || !options.admin_token.empty() || options.insecure_admin) {
    return "";
  }
  return "--host " + options.host +
         " lets other machines use the admin interface: give --admin-token TEXT or @FILE, or "
         "--insecure-admin if that is meant";
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
  if (options.problem.empty()) options.problem = contradiction(options);
  if (options.problem.empty()) options.problem = finish_token(options);
  if (options.problem.empty()) options.problem = problem_with_access(options);
  return options;
}

}  // namespace mock

// The script form of faults:
//
//   script = item *("," item)        item = word [ "(" arguments ")" ] [ "*" [ count ] ]
//
//   503  429(retry-after=2)  ok  reset  close  close(during)  cut(20)  cut(20,reset)  delay(0.5)
//   jitter(0.1,0.5)  dribble(1,0.01)  garbage(64)  wrong-length(10)  stall  stall(20)  stall(20,2)
//
// and of a stream, with `events=` in the place of the bytes:
//
//   cut(events=3)  cut(events=3,reset)  reset(events=3)  stall(events=3)  stall(events=3,2)
//   duplicate  duplicate(events=3)  reorder  drop-event  bad-line  big-event
//   big-event(events=3,1000)
//
// Times are seconds. "*3" is three times, "*" alone for ever.
#include <charconv>

#include "faults/words.h"
#include "values/text.h"

namespace mock {

namespace {

std::string in_quotes(std::string_view text) {
  std::string quoted;
  quoted.append("\"").append(text).append("\"");
  return quoted;
}

std::string_view trimmed(std::string_view text) { return without_spaces(text, " \t\r\n"); }

// The parts between separators that stand outside parentheses.
std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  int depth = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')') --depth;
    if (text[i] != separator || depth > 0) continue;
    parts.push_back(trimmed(text.substr(start, i - start)));
    start = i + 1;
  }
  parts.push_back(trimmed(text.substr(start)));
  return parts;
}

class ItemReader {
 public:
  ItemReader(std::string_view item, const std::string& member) : item_(item), member_(member) {}

  Fault read() {
    std::string_view rest = item_;
    if (const std::size_t star = rest.rfind('*');
        star != std::string_view::npos && rest.find(')', star) == std::string_view::npos) {
      const std::string_view count = trimmed(rest.substr(star + 1));
      fault_.times = count.empty() ? 0 : integer(count);
      if (!count.empty() && fault_.times < 1) wrong("the count must be at least 1");
      rest = trimmed(rest.substr(0, star));
    }
    std::vector<std::string_view> arguments;
    if (const std::size_t open = rest.find('('); open != std::string_view::npos) {
      if (rest.back() != ')') wrong("a parenthesis is not closed");
      arguments = split(rest.substr(open + 1, rest.size() - open - 2), ',');
      rest = trimmed(rest.substr(0, open));
    }
    name(rest);
    for (std::size_t i = 0; i < arguments.size(); ++i) argument(i, arguments[i]);
    return fault_;
  }

 private:
  [[noreturn]] void wrong(const std::string& why) const {
    throw BadRequest(member_, why + ", in " + in_quotes(item_));
  }

  std::int64_t integer(std::string_view text) const {
    std::int64_t number = 0;
    if (text.starts_with('+')) text.remove_prefix(1);
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size()) {
      wrong(in_quotes(text) + " is not a whole number");
    }
    return number;
  }

  std::int64_t seconds(std::string_view text) const {
    double number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size()) {
      wrong(in_quotes(text) + " is not a number of seconds");
    }
    return milliseconds_from_seconds(number);
  }

  void name(std::string_view text) {
    std::string word(text);
    for (char& c : word) c = c == '-' ? '_' : c;
    for (const auto& [known, kind] : kFaultWords) {
      if (word == known && kind != FaultKind::status) {
        fault_.kind = kind;
        return;
      }
    }
    if (text.size() != 3 || text.find_first_not_of("0123456789") != std::string_view::npos) {
      std::string list;
      for (const auto& [known, kind] : kFaultWords) {
        if (kind != FaultKind::status) list.append(", ").append(known);
      }
      wrong(in_quotes(text) + " is no fault; there are: an HTTP status" + list);
    }
    fault_.kind = FaultKind::status;
    fault_.http_status = static_cast<int>(integer(text));
  }

  void argument(std::size_t index, std::string_view text) {
    if (fault_.kind == FaultKind::status) {
      const std::size_t equals = text.find('=');
      if (equals == std::string_view::npos) wrong("a status takes header=value");
      fault_.headers.push_back({std::string(trimmed(text.substr(0, equals))),
                                std::string(trimmed(text.substr(equals + 1)))});
      return;
    }
    const FaultKind kind = fault_.kind;
    if (static constexpr std::string_view kEvents = "events="; text.starts_with(kEvents)) {
      if (index != 0) wrong("events= comes first");
      fault_.events = integer(trimmed(text.substr(kEvents.size())));
    } else if (kind == FaultKind::delay && index == 0) {
      fault_.delay = seconds(text);
    } else if (kind == FaultKind::jitter && index < 2) {
      (index == 0 ? fault_.delay : fault_.delay_most) = seconds(text);
    } else if (kind == FaultKind::close && index == 0 && text == "during") {
      fault_.during = true;
    } else if (kind == FaultKind::cut && index == 1 && (text == "reset" || text == "close")) {
      fault_.ending = text == "reset" ? WirePlan::Ending::reset : WirePlan::Ending::close;
    } else if (kind == FaultKind::dribble && index == 1) {
      fault_.every = seconds(text);
    } else if (kind == FaultKind::wrong_length && index == 0) {
      fault_.by = integer(text);
      if (fault_.by == 0) wrong("a length that is 0 longer is the right one");
    } else if (kind == FaultKind::stall && index == 1) {
      fault_.stall = seconds(text);
    } else if (index == 0 && (kind == FaultKind::cut || kind == FaultKind::dribble ||
                              kind == FaultKind::garbage || kind == FaultKind::stall)) {
      fault_.bytes = integer(text);
    } else if (kind == FaultKind::big_event && index == (fault_.events ? 1 : 0)) {
      fault_.bytes = integer(text);
    } else {
      wrong(in_quotes(text) + " does not belong there");
    }
  }

  std::string_view item_;
  const std::string& member_;
  Fault fault_;
};

}  // namespace

std::vector<Fault> parse_fault_script(const std::string& script, const std::string& member) {
  std::vector<Fault> faults;
  for (const std::string_view item : split(script, ',')) {
    if (item.empty()) throw BadRequest(member, "has an empty item");
    faults.push_back(ItemReader(item, member).read());
    complete(faults.back(), member);
  }
  return faults;
}

}  // namespace mock

// The streams of both vendors, of a C++ user: streams events COUNT | streams message SESSION TEXT
//
// A line for each item. The last is "end", "error: CLASS" or "closed", after COUNT items.
#include <sessionvitals/sessionvitals.h>

#include <iostream>
#include <string>
#include <variant>
#include <vector>

namespace {

using namespace sessionvitals;

void print(const PingEvent& item) {
  if (const auto* event = std::get_if<SessionEvent>(&item)) {
    std::cout << event->id << ' ' << event->event_type << ' ' << event->session_id << '\n';
  } else {
    std::cout << "gap\n";
  }
}

void print(const ElizaStreamEvent& event) {
  std::cout << event.type << ": " << event.text.value_or("") << '\n';
}

// Reads up to so many items.
template <class Item>
void read(EventStream<Item> stream, int count) {
  for (int read = 0; read < count; ++read) {
    const auto item = stream.next();
    if (!item) {
      const Error& error = item.error();
      std::cout << "error: " << class_name(error.kind())
                << (error.may_have_taken_effect() ? " may have taken effect" : "") << '\n';
      if (stream.is_over()) return;
      continue;
    }
    if (!*item) {
      std::cout << "end\n";
      return;
    }
    print(**item);
  }
  stream.close();
  const auto after = stream.next();
  std::cout << (after || after.error().kind() != ErrorKind::call_cancelled ? "open" : "closed")
            << '\n';
}

}  // namespace

int main(int count, char** arguments) {
  const std::vector<std::string> words(arguments + 1, arguments + count);
  StreamOptions options{.reconnect_after = std::chrono::duration<double>(0.001)};
  options.deadline = std::chrono::duration<double>(20);
  if (words.at(0) == "events") {
    read(PingClient({.api_key = "ping-sandbox-key"}).events(options), std::stoi(words.at(1)));
  } else {
    read(ElizaClient().stream_message({.session_id = words.at(1), .content = words.at(2)}, options),
         100);
  }
}

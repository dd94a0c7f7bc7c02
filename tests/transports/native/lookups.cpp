// What takes several calls of elizaOS, of a C++ user: lookups COMMAND [ARGUMENT...]
//
//   messages SESSION [SINCE]     a line for each message: its content
//   find_session KEY             the session's id, or "none"
//   find_message SESSION KEY     the message's id, or "none"
//   create AGENT USER KEY        the id of the session, and "created" or "reconciled"
//   bulk COUNT SESSION OTHER     asks for SESSION that many times, and, once a line was read, for
//   OTHER:
//                                the ids as they are answered
//   rotate SESSION KEY...        calls with each key in turn; what came, and how often it was asked
//
// An error is "error: CLASS", after what was there before it, and exit code 1.
#include <sessionvitals/sessionvitals.h>

#include <iostream>
#include <string>
#include <vector>

namespace {

using namespace sessionvitals;
using Words = std::vector<std::string>;

int fail(const Error& error) {
  std::cout << "error: " << class_name(error.kind()) << '\n';
  return 1;
}

int list_messages(const ElizaClient& client, const Words& words) {
  std::optional<std::int64_t> since;
  if (words.size() > 2) since = std::stoll(words[2]);
  ElizaMessageReader reader(client, words[1], since);
  for (;;) {
    const auto message = reader.next();
    if (!message) return fail(message.error());
    if (!*message) return 0;
    std::cout << (*message)->content << '\n';
  }
}

int find_one_session(const ElizaClient& client, const Words& words) {
  const auto session = find_session(client, words[1]);
  if (!session) return fail(session.error());
  std::cout << (*session ? (*session)->session_id : "none") << '\n';
  return 0;
}

int find_one_message(const ElizaClient& client, const Words& words) {
  const auto message = find_message(client, words[1], words[2]);
  if (!message) return fail(message.error());
  std::cout << (*message ? (*message)->id : "none") << '\n';
  return 0;
}

int create(const ElizaClient& client, const Words& words) {
  const auto session =
      create_reconciled(client, {.agent_id = words[1], .user_id = words[2], .create_key = words[3]},
                        {.max_retries = 0});
  if (!session) return fail(session.error());
  std::cout << session->session_id << (session->call->reconciled ? " reconciled" : " created")
            << '\n';
  return 0;
}

int ask_for_many(const ElizaClient& client, const Words& words) {
  BulkProbe bulk(client);
  bulk.add(std::vector<std::string>(std::stoul(words[1]), words[2]));
  std::string line;
  std::getline(std::cin, line);
  bulk.add(words[3]);
  bulk.finish();
  while (!bulk.is_done()) {
    for (const Outcome& outcome : bulk.take()) std::cout << outcome.id << '\n';
  }
  return 0;
}

int rotate(const Words& words) {
  std::size_t asked = 0;
  RotatingClient<ElizaClient> rotating(
      [&] { return words[2 + std::min(asked++, words.size() - 3)]; },
      [](std::string key) { return ElizaClient({.api_key = std::move(key)}); });
  for (const bool is_read : {true, true, false}) {
    const auto answer = rotating.call([&](const ElizaClient& client) {
      return is_read ? client.get_session(words[1]) : client.send_heartbeat(words[1]);
    });
    std::cout << (answer ? answer->session_id : std::string(class_name(answer.error().kind())))
              << " asked " << asked << '\n';
  }
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  const Words words(arguments + 1, arguments + count);
  if (words.at(0) == "rotate") return rotate(words);
  const ElizaClient client;  // the address is in ELIZA_BASE_URL
  if (words[0] == "messages") return list_messages(client, words);
  if (words[0] == "find_session") return find_one_session(client, words);
  if (words[0] == "bulk") return ask_for_many(client, words);
  if (words[0] == "find_message") return find_one_message(client, words);
  return create(client, words);
}

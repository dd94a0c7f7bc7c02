// Has a gate decide for each id among the arguments, each in a thread, and prints the reasons
// sorted:
//
//     gate_threads MAX_AGE TIMEOUT MAX_IN_FLIGHT deny|serve ID...
#include <sessionvitals/client/tiun_gate.h>

#include <cstdlib>
#include <iostream>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

int main(int count, char** arguments) {
  using Seconds = std::chrono::duration<double>;
  if (count < 5) return 2;
  sessionvitals::TiunGateOptions options{
      .max_age = Seconds(std::atof(arguments[1])),
      .timeout = Seconds(std::atof(arguments[2])),
      .max_in_flight = static_cast<std::size_t>(std::atoll(arguments[3])),
  };
  if (arguments[4] == std::string("serve")) {
    options.serves_in_outage = [](const sessionvitals::Error&) { return true; };
  }
  const sessionvitals::TiunClient client({.call = {.max_retries = 0}});
  const sessionvitals::TiunGate gate(client, options);
  std::mutex mutex;
  std::multiset<std::string> said;
  std::vector<std::thread> threads;
  for (int n = 5; n < count; ++n) {
    threads.emplace_back([&, id = std::string(arguments[n])] {
      const auto decision = gate.decide(id);
      std::string words(decision ? "serve " : "refuse ");
      words += reason_name(decision.reason);
      if (decision.reason == sessionvitals::GateReason::key)
        words += ": " + decision.error->message();
      const std::lock_guard lock(mutex);
      said.insert(words);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& words : said) std::cout << words << '\n';
}

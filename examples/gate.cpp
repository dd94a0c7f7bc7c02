// Decides for each id on stdin whether its reader may have the page, as a server would do for each
// request. A verdict is used again for five seconds:
//
//     printf '%s\n' reader-1 reader-1 nobody | gate
#include <sessionvitals/client/tiun_gate.h>

#include <iostream>
#include <string>

int main() {
  using namespace std::chrono_literals;
  const sessionvitals::TiunGate gate(sessionvitals::TiunClient(), {.max_age = 5s});
  for (std::string id; std::getline(std::cin, id);) {
    const sessionvitals::GateDecision decision = gate.decide(id);
    std::cout << id << ' ' << (decision ? "200 " : "402 ") << reason_name(decision.reason)
              << (decision.from_cache ? ", asked before" : "") << '\n';
    if (decision.error) std::cerr << decision.error->message() << '\n';
  }
}

#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "sessionvitals/client/tiun_client.h"

/// A gate: whether a reader's request may be served. Frameworks differ too much for more;
/// Python's gate.forward_auth() serves nginx, Caddy and Traefik.
namespace sessionvitals {

/// Why a gate decided as it did.
enum class GateReason {
  valid,      // tiun said yes
  missing,    // no id; nothing was asked
  malformed,  // no possible id; nothing was asked
  denied,     // tiun said no
  outage,     // tiun gave no verdict to a question that had the whole timeout
  busy,       // too many questions were in flight, or an equal one took the time there was
  key,        // tiun refuses the site's own key, or the client or an option cannot be used
};

/// Returns the reason's name, as it is spelled above.
std::string_view reason_name(GateReason reason);

struct GateDecision {
  bool allowed = false;
  GateReason reason = GateReason::missing;
  std::optional<Session> session;  // what tiun said, where it gave a verdict
  bool from_cache = false;         // the verdict came before the question did
  std::optional<Error> error;      // why there is no verdict, for outage, key and lack of time

  explicit operator bool() const { return allowed; }
};

struct TiunGateOptions {
  /// How long a positive verdict may be used again by this gate; 0 to 60 seconds. Denials and
  /// outages never are. tiun documents no such time, and a session can end within it.
  std::chrono::duration<double> max_age{0};
  /// How long one decision may take; more than 0, at most a day.
  std::chrono::duration<double> timeout{3};
  /// How many questions are asked at once, and one for an id; 1 to 65536.
  std::size_t max_in_flight = 64;
  /// Asked in an outage: true serves. Empty: refuse. Never asked about the site's own key.
  std::function<bool(const Error&)> serves_in_outage = {};
};

/// Decides by tiun's verdict. Safe to call from many threads; copies share what is in flight and
/// what is kept. A forked child makes its own.
///
///     const TiunGate gate(TiunClient(), {.max_age = 5s});
///     if (gate.decide(id)) serve();   // everything else refuses
class TiunGate {
 public:
  explicit TiunGate(TiunClient client, TiunGateOptions options = {});

  /// Returns whether to serve that session. An empty id is a missing one. Waits for tiun, and
  /// for an equal question in flight. An option out of range makes every decision a refusal
  /// with reason key, whose error says which.
  GateDecision decide(std::string_view session_id) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace sessionvitals

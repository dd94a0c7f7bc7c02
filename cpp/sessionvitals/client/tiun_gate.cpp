// The rules for sharing are those of python/sessionvitals/gate/questions.py. For a decision that
// began at t, a positive verdict counts if it was asked for at t - max_age or later, and a denial
// if it was asked for at t or later. So a reader who has just paid is in. An outage is what a
// question with the whole timeout ends in; one that had less says nothing of tiun.

#include "sessionvitals/client/tiun_gate.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <list>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

namespace sessionvitals {

namespace {

constexpr std::size_t kMaxKept = 10'000;
constexpr std::size_t kMaxId = 256;
constexpr std::size_t kMaxInFlight = 65'536;
constexpr std::chrono::seconds kOldest{60};
// A question in flight that is due ends so much later at most: its asker has to wake up.
constexpr std::chrono::milliseconds kOverdue{200};

// One question, and the threads that wait for it.
struct Flight {
  Clock::time_point asked = Clock::now();
  bool is_whole = true;  // it has the gate's whole timeout: its asker has waited for no other
  bool is_over = false;
  std::optional<Result<Session>> outcome;
  std::shared_ptr<Flight> following;  // what those asked for whom this one did not count
  std::condition_variable over;

  // Whether tiun gave no verdict, for whatever reason but the site's own.
  bool is_outage() const {
    if (!outcome || outcome->has_value()) return false;
    const ErrorKind kind = outcome->error().kind();
    return kind != ErrorKind::configuration_error && kind != ErrorKind::authentication_error &&
           kind != ErrorKind::permission_denied_error;
  }

  // Whether tiun might have given a verdict if there had been more time to ask.
  bool is_cut_short() const {
    if (!is_outage()) return false;
    const Error& error = outcome->error();
    return !is_whole ||
           (error.kind() == ErrorKind::deadline_exceeded && error.phase() == Phase::queue);
  }

  bool counts_for(Clock::time_point arrived, Clock::duration max_age) const {
    if (!outcome || is_cut_short()) return false;
    if (is_outage()) return true;
    const bool is_positive = outcome->has_value() && (*outcome)->live();
    return asked >= (is_positive ? arrived - max_age : arrived);
  }
};

struct Kept {
  std::string id;
  Clock::time_point asked;
  Session session;
};

bool is_possible(std::string_view id) {
  const auto is_visible = [](char c) { return c > ' ' && c <= '~'; };
  return id.size() <= kMaxId && std::ranges::all_of(id, is_visible);
}

// Whether no client could ask for that id: tiun's paths reserve "." for one.
bool is_of_the_id(std::string_view id) {
  return !tiun::kVerify.build({std::string(id)}, {.key = "any", .style = {}}).has_value();
}

std::optional<Error> check(const TiunGateOptions& options) {
  const auto refuse = [](std::string message) {
    return Error(ErrorKind::configuration_error, std::move(message));
  };
  if (!(options.max_age.count() >= 0 && options.max_age <= kOldest)) {
    return refuse("max_age must be from 0 to 60 seconds.");
  }
  if (!is_allowed(options.timeout))
    return refuse("timeout must be more than 0, and at most a day.");
  if (options.max_in_flight < 1 || options.max_in_flight > kMaxInFlight) {
    return refuse("max_in_flight must be from 1 to 65536.");
  }
  return std::nullopt;
}

GateDecision without_asking(GateReason reason, std::optional<Error> error = {}) {
  return {.allowed = false, .reason = reason, .session = {}, .error = std::move(error)};
}

Error too_late() {
  return {
      ErrorKind::deadline_exceeded, Phase::queue,
      "The time allowed passed while the decision waited for an equal one's verdict. Allow more "
      "by the gate's timeout."};
}

}  // namespace

std::string_view reason_name(GateReason reason) {
  constexpr std::array<std::string_view, 7> kNames = {"valid",  "missing", "malformed", "denied",
                                                      "outage", "busy",    "key"};
  return kNames.at(static_cast<std::size_t>(reason));
}

struct TiunGate::State {
  State(TiunClient of_site, TiunGateOptions given)
      : client(std::move(of_site)), options(std::move(given)), mistake(check(options)) {
    if (mistake) return;
    max_age = std::chrono::duration_cast<Clock::duration>(options.max_age);
    timeout = std::chrono::duration_cast<Clock::duration>(options.timeout);
  }

  TiunClient client;
  TiunGateOptions options;
  Clock::duration max_age{};
  Clock::duration timeout{};
  std::optional<Error> mistake;

  std::mutex mutex;  // for what follows
  std::unordered_map<std::string, std::shared_ptr<Flight>> flights;
  std::list<Kept> kept;  // the most recently used first
  std::unordered_map<std::string_view, std::list<Kept>::iterator> by_id;

  std::optional<Session> find_kept(std::string_view id, Clock::time_point arrived) {
    const auto found = by_id.find(id);
    if (found == by_id.end()) return std::nullopt;
    if (found->second->asked < arrived - max_age) {
      forget(found);
      return std::nullopt;
    }
    kept.splice(kept.begin(), kept, found->second);
    return found->second->session;
  }

  void forget(decltype(by_id)::iterator found) {
    const auto entry = found->second;
    by_id.erase(found);
    kept.erase(entry);
  }

  void keep(const std::string& id, const Flight& flight) {
    if (const auto found = by_id.find(id); found != by_id.end()) forget(found);
    if (!(*flight.outcome)->live() || max_age.count() == 0) return;
    kept.push_front({id, flight.asked, **flight.outcome});
    by_id.emplace(kept.front().id, kept.begin());
    if (kept.size() > kMaxKept) forget(by_id.find(kept.back().id));
  }

  // Asks, while the lock is not held, and wakes those who wait.
  void ask(const std::string& id, Flight& flight, Clock::duration rest,
           std::unique_lock<std::mutex>& lock) {
    lock.unlock();
    const std::chrono::duration<double> least = std::chrono::milliseconds(1);
    auto outcome =
        client.probe(id, {.timeout = std::max<std::chrono::duration<double>>(rest, least)});
    lock.lock();
    flight.outcome.emplace(std::move(outcome));
    flight.is_over = true;
    flights.erase(id);
    if (flight.outcome->has_value()) keep(id, flight);
    flight.over.notify_all();
  }

  GateDecision decide_by(const std::string& id, const Flight& flight,
                         Clock::time_point arrived) const {
    if (!*flight.outcome) return without_verdict(id, flight.outcome->error());
    const Session& session = **flight.outcome;
    if (!session.live()) {
      return {.allowed = false, .reason = GateReason::denied, .session = session, .error = {}};
    }
    return {.allowed = true,
            .reason = GateReason::valid,
            .session = session,
            .from_cache = flight.asked < arrived,
            .error = {}};
  }

  GateDecision without_verdict(const std::string& id, const Error& error) const {
    switch (error.kind()) {
      case ErrorKind::configuration_error:
        if (is_of_the_id(id)) return without_asking(GateReason::malformed);
        return without_asking(GateReason::key, error);
      case ErrorKind::authentication_error:
      case ErrorKind::permission_denied_error:
        return without_asking(GateReason::key, error);
      default: {
        GateDecision decision = without_asking(GateReason::outage, error);
        decision.allowed = options.serves_in_outage && options.serves_in_outage(error);
        return decision;
      }
    }
  }
};

TiunGate::TiunGate(TiunClient client, TiunGateOptions options)
    : state_(std::make_shared<State>(std::move(client), std::move(options))) {}

GateDecision TiunGate::decide(std::string_view session_id) const {
  State& state = *state_;
  if (state.mistake) return without_asking(GateReason::key, state.mistake);
  if (session_id.empty()) return without_asking(GateReason::missing);
  if (!is_possible(session_id)) return without_asking(GateReason::malformed);
  const std::string id(session_id);
  const Clock::time_point arrived = Clock::now();
  const Clock::time_point end = arrived + state.timeout;

  std::unique_lock lock(state.mutex);
  if (auto session = state.find_kept(id, arrived)) {
    return {.allowed = true,
            .reason = GateReason::valid,
            .session = std::move(session),
            .from_cache = true,
            .error = {}};
  }
  std::shared_ptr<Flight> flight;
  bool is_own = false;
  while (true) {
    const auto in_flight = state.flights.find(id);
    if (flight && flight->following) {
      flight = flight->following;
    } else if (in_flight != state.flights.end()) {
      flight = in_flight->second;
    } else if (state.flights.size() >= state.options.max_in_flight) {
      return without_asking(GateReason::busy);
    } else {
      auto own = std::make_shared<Flight>();
      own->is_whole = flight == nullptr;
      if (flight) flight->following = own;
      flight = std::move(own);
      is_own = true;
      state.flights.emplace(id, flight);
      state.ask(id, *flight, flight->is_whole ? state.timeout : end - Clock::now(), lock);
    }
    flight->over.wait_until(lock, end + kOverdue, [&] { return flight->is_over; });
    if (flight->counts_for(arrived, state.max_age)) break;
    if (is_own && flight->is_cut_short()) {
      return without_asking(GateReason::busy, flight->outcome->error());
    }
    if (Clock::now() >= end) return without_asking(GateReason::busy, too_late());
  }
  lock.unlock();
  return state.decide_by(id, *flight, arrived);
}

}  // namespace sessionvitals

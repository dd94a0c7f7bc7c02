#include "sessionvitals/client/bulk.h"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "sessionvitals/client/client_core.h"
#include "sessionvitals/engine/drivers/reactor.h"

namespace sessionvitals {

namespace {

constexpr std::size_t kMostConcurrency = 4096;
// Enough ids in hand for no lane to run dry while the caller fetches more.
constexpr std::size_t kWindowPerLane = 4;
constexpr std::size_t kLeastWindow = 256;

}  // namespace

struct BulkProbe::State {
  // A place in the window: the id with its number in the order of coming.
  struct Asked {
    std::size_t number;
    std::string id;
  };

  // One call in flight, and all places it is the answer for.
  struct Lane : engine::Job {
    SessionId id;
    Request request;
    std::shared_ptr<CallReport> report;
    std::vector<std::size_t> numbers;
    std::size_t place = 0;  // among the busy
  };

  State(const Client& bulk_client, const BulkOptions& bulk_options)
      : client(bulk_client),
        options(bulk_options),
        window(std::max(kWindowPerLane * options.concurrency, kLeastWindow)) {}

  const Result<Session>* known(const std::string& id) const;
  std::size_t in_hand() const { return added - taken; }
  void start_lanes();
  void start(Asked asked);
  void conclude(Lane& lane);
  void settle(std::size_t number, std::string id, Result<Session> session);
  void end_all(engine::Woken why);

  const Client client;
  BulkOptions options;
  const std::size_t window;
  Context context;
  engine::RetryPolicy policy;         // of each call
  Clock::duration longest_call{};     // as the client has it: the options' deadline is for all
  std::optional<CancelToken> cancel;  // what the context points to
  std::optional<Error> over;          // what every id that is left fails with

  std::size_t added = 0;
  std::size_t taken = 0;
  std::size_t next_number = 0;  // to be given, if in order
  bool is_finished = false;
  std::deque<Asked> queue;
  std::unordered_map<std::string_view, Lane*> in_flight;                 // by the lane's id
  std::unordered_map<std::string, std::optional<Result<Session>>> kept;  // the repeated ids
  std::vector<Outcome> ready;                                            // in the order to be given
  std::map<std::size_t, Outcome> early;  // by number: those that must wait for an earlier one
  std::vector<std::unique_ptr<Lane>> idle;
  std::vector<std::unique_ptr<Lane>> busy;
  std::vector<engine::Job*> done;
  engine::Reactor reactor;  // last: it goes before the lanes that it moves
};

BulkProbe::BulkProbe(const Client& client, const BulkOptions& options)
    : state_(std::make_unique<State>(client, options)) {
  State& state = *state_;
  if (options.concurrency < 1 || options.concurrency > kMostConcurrency) {
    state.over = Error(ErrorKind::configuration_error, "concurrency must be from 1 to 4096.");
    return;
  }
  const auto plan = plan_call(client, client.provider().probe.traits(), options.call);
  if (!plan) {
    state.over = plan.error();
    return;
  }
  state.policy = plan->policy;
  state.longest_call =
      std::chrono::ceil<Clock::duration>(client.call_options().deadline.value_or(kDefaultDeadline));
  state.cancel = plan->cancel;
  const bool has_deadline = options.call.deadline.has_value();
  state.context.deadline = has_deadline ? Clock::now() + plan->timeout : Clock::time_point::max();
  state.context.cancel = state.cancel ? &*state.cancel : nullptr;
  state.context.is_interrupted = plan->is_interrupted;
  client.core().transport->allow_connections(options.concurrency);
}

BulkProbe::~BulkProbe() = default;
BulkProbe::BulkProbe(BulkProbe&&) noexcept = default;
BulkProbe& BulkProbe::operator=(BulkProbe&&) noexcept = default;

std::size_t BulkProbe::room() const {
  return state_->window - std::min(state_->in_hand(), state_->window);
}

void BulkProbe::keep(std::vector<std::string> ids) {
  for (std::string& id : ids) state_->kept.try_emplace(std::move(id));
}

void BulkProbe::add(std::string id) { state_->queue.push_back({state_->added++, std::move(id)}); }

void BulkProbe::add(std::vector<std::string> ids) {
  for (std::string& id : ids) add(std::move(id));
}

void BulkProbe::add_failed(std::string id, Error error) {
  state_->settle(state_->added++, std::move(id), std::move(error));
}

void BulkProbe::finish() { state_->is_finished = true; }
bool BulkProbe::is_done() const { return state_->is_finished && state_->in_hand() == 0; }
void BulkProbe::wake() const { state_->reactor.wake(); }
bool BulkProbe::is_empty() const { return state_->in_hand() == 0; }
bool BulkProbe::is_over() const { return state_->over.has_value(); }
const Error* BulkProbe::configuration_error() const {
  const auto& over = state_->over;
  return over && over->kind() == ErrorKind::configuration_error ? &*over : nullptr;
}

std::vector<Outcome> BulkProbe::take() {
  State& state = *state_;
  const CancelToken* cancel = state.context.cancel;
  if (!state.over && cancel != nullptr && cancel->is_cancelled()) {
    state.end_all(engine::Woken::cancelled);
  }
  for (;;) {
    state.start_lanes();
    if (!state.ready.empty() || state.in_hand() == 0) {
      state.taken += state.ready.size();
      return std::exchange(state.ready, {});
    }
    state.done.clear();
    const engine::Woken woken = state.reactor.run(state.context, state.done);
    for (engine::Job* job : state.done) state.conclude(static_cast<State::Lane&>(*job));
    if (woken != engine::Woken::go_on) state.end_all(woken);
    if (woken == engine::Woken::go_on && state.done.empty()) return {};  // woken
  }
}

const Result<Session>* BulkProbe::State::known(const std::string& id) const {
  if (kept.empty()) return nullptr;
  const auto found = kept.find(id);
  return found != kept.end() && found->second ? &*found->second : nullptr;
}

void BulkProbe::State::start_lanes() {
  while (!queue.empty() && (over || reactor.active() < options.concurrency)) {
    Asked asked = std::move(queue.front());
    queue.pop_front();
    if (const Result<Session>* answer = known(asked.id)) {
      settle(asked.number, std::move(asked.id), *answer);
    } else if (over) {
      settle(asked.number, std::move(asked.id), *over);
    } else if (const auto same = in_flight.find(asked.id); same != in_flight.end()) {
      same->second->numbers.push_back(asked.number);
    } else {
      start(std::move(asked));
    }
  }
}

void BulkProbe::State::start(Asked asked) {
  SessionId id{std::move(asked.id)};
  auto request = client.provider().probe.build(id, client.core().credential);
  if (!request) return settle(asked.number, std::move(id.value), request.error());
  if (idle.empty()) idle.push_back(std::make_unique<Lane>());
  std::unique_ptr<Lane> lane = std::move(idle.back());
  idle.pop_back();
  lane->request = *std::move(request);
  lane->report = std::make_shared<CallReport>();
  lane->deadline = std::min(Clock::now() + longest_call, context.deadline);
  lane->call = client.core().transport->begin(lane->request, policy, lane->deadline, *lane->report);
  lane->numbers.assign(1, asked.number);
  lane->id = std::move(id);
  in_flight.emplace(lane->id.value, lane.get());
  lane->place = busy.size();
  busy.push_back(std::move(lane));
  reactor.start(*busy.back());
}

void BulkProbe::State::conclude(Lane& lane) {
  in_flight.erase(lane.id.value);
  const auto& probe = client.provider().probe;
  auto session = client.finish(
      probe, lane.id,
      receive(client.core(), probe.traits(), lane.call->take(), std::move(lane.report)));
  lane.call.reset();
  std::string id = std::move(lane.id.value);
  if (!kept.empty()) {
    if (const auto found = kept.find(id); found != kept.end()) found->second = session;
  }
  for (std::size_t i = 1; i < lane.numbers.size(); ++i) settle(lane.numbers[i], id, session);
  settle(lane.numbers.front(), std::move(id), std::move(session));

  const std::size_t place = lane.place;
  idle.push_back(std::move(busy[place]));
  if (place + 1 != busy.size()) {
    busy[place] = std::move(busy.back());
    busy[place]->place = place;
  }
  busy.pop_back();
}

void BulkProbe::State::settle(std::size_t number, std::string id, Result<Session> session) {
  if (!options.ordered) {
    ready.push_back({std::move(id), std::move(session)});
    return;
  }
  early.emplace(number, Outcome{std::move(id), std::move(session)});
  while (!early.empty() && early.begin()->first == next_number) {
    ready.push_back(std::move(early.begin()->second));
    early.erase(early.begin());
    ++next_number;
  }
}

void BulkProbe::State::end_all(engine::Woken why) {
  const bool is_deadline = why == engine::Woken::deadline;
  over = Error(is_deadline ? ErrorKind::deadline_exceeded : ErrorKind::call_cancelled, Phase::queue,
               is_deadline ? "The deadline of all calls together passed before this one was made. "
                             "Allow more time by deadline=, or ask for fewer at once."
                           : "The calls were cancelled before this one was made.");
  while (!busy.empty()) {
    Lane& lane = *busy.back();
    reactor.end(lane, why);
    conclude(lane);
  }
}

}  // namespace sessionvitals

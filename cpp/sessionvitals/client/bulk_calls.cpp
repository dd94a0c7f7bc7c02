#include "sessionvitals/client/bulk_calls.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "sessionvitals/client/client_core.h"

namespace sessionvitals {

BulkCalls::BulkCalls(const Client& client, BulkPlan plan)
    : client_(client),
      plan_(std::move(plan)),
      context_{.deadline = plan_.deadline, .cancel = plan_.cancel ? &*plan_.cancel : nullptr} {
  in_flight_.reserve(plan_.concurrency);
}

void BulkCalls::expect(std::unordered_map<std::string, std::size_t> repeated) {
  for (auto& [id, count] : repeated) repeated_.insert_or_assign(id, Repeated{count, {}});
}

void BulkCalls::add(Pending pending) { pending_.push_back({added_++, std::move(pending)}); }

void BulkCalls::start_calls() {
  if (!over_) {
    const engine::WakeReason seen = engine::look_at(context_, Clock::now());
    if (seen != engine::WakeReason::go_on) end(seen);
  }
  start_pending();
}

std::size_t BulkCalls::run(std::vector<Outcome>& outcomes, Clock::duration longest) {
  if (ready_.empty() && rows_ == 0 && !in_flight_.empty()) {
    Context context = context_;
    if (longest < context.deadline - Clock::now()) context.deadline = Clock::now() + longest;
    // The next call is made in the memory of the one that has gone, which is at hand.
    const engine::WakeReason woken = reactor_.run(context, [this](engine::ReactorTask& task) {
      conclude(static_cast<InFlight&>(task));
      begin_pending();
    });
    const bool was_short =
        woken == engine::WakeReason::deadline && Clock::now() < context_.deadline;
    if (woken != engine::WakeReason::go_on && !was_short) end(woken);
    start_pending();
  }
  if (outcomes.empty()) {
    outcomes.swap(ready_);
  } else {
    std::move(ready_.begin(), ready_.end(), std::back_inserter(outcomes));
    ready_.clear();
  }
  return std::exchange(rows_, 0);
}

void BulkCalls::end(engine::WakeReason why) {
  const bool is_deadline = why == engine::WakeReason::deadline;
  over_ =
      Error(is_deadline ? ErrorKind::deadline_exceeded : ErrorKind::call_cancelled, Phase::queue,
            is_deadline ? "The deadline of all calls together passed before this one was made. "
                          "Allow more time by deadline=, or ask for fewer at once."
                        : "The calls were cancelled before this one was made.");
  begun_.clear();
  while (!in_flight_.empty()) {
    InFlight& call = *in_flight_.begin()->second;
    reactor_.end(call, why);
    conclude(call);
  }
}

// Requests are sent together: one that follows each answer at once would find a server asleep.
void BulkCalls::start_pending() {
  begin_pending();
  constexpr std::size_t kAtOnce = engine::Pool::Look::kMost;
  for (std::span<InFlight*> rest = begun_; !rest.empty();) {
    const auto calls = rest.first(std::min(rest.size(), kAtOnce));
    const auto look = client_.core().transport->look_at_idle(calls.size());
    for (InFlight* call : calls) reactor_.start(*call);
    rest = rest.subspan(calls.size());
  }
  begun_.clear();
}

void BulkCalls::begin_pending() {
  while (!pending_.empty() && (over_ || in_flight_.size() < plan_.concurrency)) {
    Numbered numbered = std::move(pending_.front());
    pending_.pop_front();
    auto& [id, error] = numbered.pending;
    if (error) {
      settle(numbered.number, std::move(id), Error(*error));
    } else if (answer_from_repeated(numbered)) {
      continue;
    } else if (over_) {
      settle(numbered.number, std::move(id), Error(*over_));
    } else {
      begin(numbered.number, std::move(id));
    }
  }
}

bool BulkCalls::answer_from_repeated(Numbered& numbered) {
  if (repeated_.empty()) return false;
  const auto found = repeated_.find(numbered.pending.id);
  if (found == repeated_.end() || !found->second.answer) return false;
  if (--found->second.left == 0) {
    settle(numbered.number, std::move(numbered.pending.id), *std::move(found->second.answer));
    repeated_.erase(found);
  } else {
    settle(numbered.number, std::move(numbered.pending.id), Result(*found->second.answer));
  }
  return true;
}

void BulkCalls::begin(std::size_t number, std::string id) {
  if (spare_.empty()) spare_.push_back(std::make_unique<InFlight>());
  InFlight& call = *spare_.back();
  call.question.value = std::move(id);
  const auto [place, is_new] = in_flight_.try_emplace(call.question.value);
  if (!is_new) return place->second->numbers.push_back(number);
  if (auto error = ask(call)) {
    in_flight_.erase(place);
    return settle(number, std::move(call.question.value), *std::move(error));
  }
  place->second = std::move(spare_.back());
  spare_.pop_back();
  call.place = place;
  call.report = std::make_shared<CallReport>();
  call.numbers.assign(1, number);
  call.deadline = std::min(Clock::now() + plan_.timeout, context_.deadline);
  call.call =
      client_.core().transport->begin(call.request, plan_.policy, call.deadline, *call.report);
  begun_.push_back(&call);
}

// Writes the call's request: anew, or from the one that was sent from its memory before.
std::optional<Error> BulkCalls::ask(InFlight& call) {
  const auto& probe = client_.provider().probe;
  if (probe.retarget != nullptr && !call.request.target.empty()) {
    return probe.retarget(call.question, call.request);
  }
  auto request = probe.build(call.question, client_.core().credential);
  if (!request) return std::move(request).error();
  call.request = *std::move(request);
  call.request.headers.insert(call.request.headers.end(), plan_.trace_headers.begin(),
                              plan_.trace_headers.end());
  return std::nullopt;
}

void BulkCalls::conclude(InFlight& call) {
  const auto& probe = client_.provider().probe;
  auto session = client_.finish(
      probe, call.question,
      receive(client_.core(), probe.traits(), call.call->take(), std::move(call.report)));
  call.call.reset();  // its connection is free for others
  if (plan_.tally) plan_.tally->add_call(session);
  std::unique_ptr<InFlight> owned = std::move(call.place->second);
  in_flight_.erase(call.place);
  std::string id = std::move(call.question.value);
  keep_repeated(id, call.numbers.size(), session);
  for (std::size_t i = 1; i < call.numbers.size(); ++i) {
    settle(call.numbers[i], std::string(id), Result(session));
  }
  settle(call.numbers.front(), std::move(id), std::move(session));
  spare_.push_back(std::move(owned));
}

void BulkCalls::keep_repeated(const std::string& id, std::size_t settled,
                              const Result<Session>& session) {
  if (repeated_.empty()) return;
  const auto found = repeated_.find(id);
  if (found == repeated_.end()) return;
  std::size_t& left = found->second.left;
  left -= std::min(left, settled);
  if (left == 0) {
    repeated_.erase(found);
  } else {
    found->second.answer = session;
  }
}

void BulkCalls::settle(std::size_t number, std::string&& id, Result<Session>&& session) {
  if (plan_.tally) plan_.tally->add_id(session);
  if (!plan_.is_ordered) return give(std::move(id), std::move(session));
  early_.emplace(number, Outcome{std::move(id), std::move(session)});
  while (!early_.empty() && early_.begin()->first == next_number_) {
    Outcome& next = early_.begin()->second;
    give(std::move(next.id), std::move(next.session));
    early_.erase(early_.begin());
    ++next_number_;
  }
}

// A row is written in this thread, which then frees what it is made from: that costs far less than
// memory that another thread gives back.
void BulkCalls::give(std::string&& id, Result<Session>&& session) {
  if (!plan_.table) {
    ready_.push_back({std::move(id), std::move(session)});
    return;
  }
  plan_.table->add(id, session);
  ++rows_;
}

}  // namespace sessionvitals

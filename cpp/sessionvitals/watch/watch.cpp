#include "sessionvitals/watch/watch.h"

#include <algorithm>
#include <utility>

#include "sessionvitals/client/client_core.h"
#include "sessionvitals/watch/watch_state.h"
#include "sessionvitals/watch/watch_thread.h"
#include "sessionvitals/watch/watch_token.h"

namespace sessionvitals {

namespace {

using Seconds = std::chrono::duration<double>;

constexpr Seconds kMaxDeadline = std::chrono::hours(24 * 3660);
constexpr Seconds kShortestEvery = std::chrono::milliseconds(1);
constexpr double kHighestRate = 10'000;

Error unusable(std::string message) { return {ErrorKind::configuration_error, std::move(message)}; }

std::optional<Error> check_every(const Provider& provider, const WatchOptions& options) {
  const LookRules& looks = provider.looks;
  const auto least = options.is_of_many ? looks.least_every_of_many : looks.least_every;
  if (least && (!options.every || *options.every < *least)) {
    return unusable("every must be given for " + std::string(provider.name) + ", and be at least " +
                    std::to_string(least->count()) +
                    " seconds here: each look is a request that the vendor may count.");
  }
  if (options.every && !(*options.every >= kShortestEvery && *options.every <= kMaxTimeout)) {
    return unusable("every must be from 0.001 to 86400 seconds.");
  }
  return std::nullopt;
}

Result<WatchState::Plan> make_plan(const Client& client, const WatchOptions& options,
                                   std::function<void()> on_ready) {
  const Provider& provider = client.provider();
  auto look = plan_call(client, provider.probe.traits(), options.call);
  if (!look) return std::move(look).error();
  if (auto refused = refuse_custom_transport(client.core(), "A watch")) return *refused;
  std::optional<CallPlan> list;
  if (provider.list != nullptr) {
    auto plan = plan_call(client, provider.list->traits(NoQuestion{}), options.call);
    if (!plan) return std::move(plan).error();
    list = *std::move(plan);
  }
  std::optional<CallPlan> events;
  if (!is_allowed(options.events_idle_timeout)) {
    return unusable("events_idle_timeout must be more than 0 and at most 86400 seconds.");
  }
  if (provider.hints != nullptr && options.hears_events) {
    auto plan = plan_call(client, provider.hints->traits(), options.call);
    if (!plan) return std::move(plan).error();
    events = *std::move(plan);
    events->policy.max_retries = 0;  // it is the watch that opens it again
  }
  const auto& time = options.deadline.time();
  if (time && !(*time > Seconds(0) && *time <= kMaxDeadline)) {
    return unusable("deadline must be more than 0 seconds, and at most ten years; None for none.");
  }
  if (auto error = check_every(provider, options)) return *std::move(error);
  const double rate = options.rate.value_or(provider.looks.rate);
  if (!(rate > 0 && rate <= kHighestRate)) {
    return unusable("rate must be more than 0, and at most 10000 looks a second.");
  }
  FollowRules rules{.until = options.until,
                    .is_endless = options.until.is_empty() && !options.caller_judges,
                    .missing = options.missing,
                    .counters = options.counters,
                    .expiry = options.expiry,
                    .shortest = provider.looks.after_change};
  if (options.every) rules.every = std::chrono::ceil<Clock::duration>(*options.every);
  return WatchState::Plan{
      .rules = rules,
      .look = *std::move(look),
      .list = std::move(list),
      .events = std::move(events),
      .silence = std::chrono::ceil<Clock::duration>(options.events_idle_timeout),
      .rate = rate,
      .is_paced = options.is_paced,
      .deadline = time ? Clock::now() + std::chrono::ceil<Clock::duration>(*time)
                       : Clock::time_point::max(),
      .on_ready = std::move(on_ready),
  };
}

}  // namespace

std::string_view outcome_name(WatchOutcome outcome) {
  switch (outcome) {
    case WatchOutcome::reached:
      return "reached";
    case WatchOutcome::ended:
      return "ended";
    case WatchOutcome::deadline:
      return "deadline";
    case WatchOutcome::closed:
      return "closed";
  }
  return {};
}

Watch::Watch(const Client& client, WatchOptions options, std::function<void()> on_ready) {
  auto plan = make_plan(client, options, std::move(on_ready));
  std::optional<Error> error;
  if (!plan) error = plan.error();
  std::optional<WatchToken> resumed;
  if (!error && !options.resume.empty()) {
    auto read =
        read_watch_token(options.resume, std::string(client.provider().name), client.base_url());
    if (read) {
      resumed = *std::move(read);
    } else {
      error = read.error();
    }
  }
  if (resumed && !options.is_of_many) {
    std::erase_if(resumed->sessions, [&](const WatchTokenSession& session) {
      return std::ranges::find(options.session_ids, session.id) == options.session_ids.end();
    });
  }
  if (!error) {
    thread_ = WatchThread::of(client);
    state_ = std::make_shared<WatchState>(*thread_, *std::move(plan));
    error = state_->begin(options.session_ids, resumed ? &*resumed : nullptr);
    if (error) state_->close();
  }
  if (!error) return;
  state_.reset();
  thread_.reset();
  error_ = std::make_unique<const Error>(*std::move(error));
}

Watch::Watch(Watch&&) noexcept = default;

Watch::~Watch() {
  if (!state_) return;
  if (!is_inherited()) {
    state_->close();
    return;
  }
  // In a forked child it is a copy of whatever the thread was at, and stays as it is.
  (void)new std::shared_ptr<WatchState>(std::move(state_));
  (void)new std::shared_ptr<WatchThread>(std::move(thread_));
}

std::optional<Change> Watch::next() {
  return state_ && !is_inherited() ? state_->next() : std::nullopt;
}

std::optional<Change> Watch::take_ready() {
  return state_ && !is_inherited() ? state_->take_ready() : std::nullopt;
}

bool Watch::is_done() const { return !state_ || is_inherited() || state_->is_done(); }

std::optional<Error> Watch::add(std::string session_id) {
  if (!state_ || is_inherited()) return std::nullopt;
  return state_->add(std::move(session_id));
}

void Watch::discard(std::string_view session_id) {
  if (state_ && !is_inherited()) state_->discard(session_id, false);
}

void Watch::conclude(std::string_view session_id) {
  if (state_ && !is_inherited()) state_->discard(session_id, true);
}

std::size_t Watch::size() const { return state_ && !is_inherited() ? state_->size() : 0; }

PermitNeed Watch::await_need(std::chrono::duration<double> longest) {
  if (!state_ || !state_->permits || is_inherited()) return {.is_over = true};
  std::unique_lock lock(thread_->mutex());
  return state_->permits->await(lock, longest);
}

void Watch::give_permit() {
  if (!state_ || !state_->permits || is_inherited()) return;
  const std::lock_guard lock(thread_->mutex());
  state_->permits->give();
  thread_->wake();
}

Clock::duration Watch::lag() const {
  if (!state_ || is_inherited()) return Clock::duration::zero();
  const std::lock_guard lock(thread_->mutex());
  return thread_->lag();
}

std::optional<WatchOutcome> Watch::outcome() const {
  if (!state_ || is_inherited()) return WatchOutcome::closed;
  return state_->outcome();
}

const Error* Watch::error() const {
  if (error_) return error_.get();
  return state_ && !is_inherited() ? state_->error() : nullptr;
}

std::string Watch::token() const {
  return state_ && !is_inherited() ? state_->token() : std::string();
}

void Watch::close() {
  if (state_ && !is_inherited()) state_->close();
}

bool Watch::is_inherited() const { return thread_ && thread_->is_inherited(); }

void Watch::stop_all() { WatchThread::stop_all(); }

Watch Client::watch(WatchOptions options) const { return Watch(*this, std::move(options)); }

}  // namespace sessionvitals

#include "sessionvitals/client/bulk.h"

#include <algorithm>
#include <utility>

#include "sessionvitals/client/bulk_thread.h"
#include "sessionvitals/client/client_core.h"

namespace sessionvitals {

namespace {

constexpr std::size_t kMaxConcurrency = 4096;

// The session's state, or the class of the error.
std::pair<std::string_view, std::string_view> outcome_of(const Result<Session>& session) {
  if (session) return {state_name(session->state), {}};
  return {{}, class_name(session.error().kind())};
}

// An answer may have any status, also 404; what came before it was refused.
std::string_view error_of(const Attempt& one, const Result<Session>& session, bool is_last) {
  if (is_last) return session ? std::string_view() : class_name(session.error().kind());
  if (one.phase != Phase::done) return class_name(ErrorKind::transport_error);
  return class_name(kind_of_http_status(one.http_status));
}

// A vendor asks for a wait by a header, which is the reason.
bool is_asked_for(const Attempt& one) {
  const std::string_view reason = one.wait_reason;
  return reason == "Retry-After" || reason.ends_with("RateLimit-Reset");
}

}  // namespace

void BulkTally::Durations::add(std::chrono::microseconds duration) {
  ++count;
  sum += duration;
  const double seconds = std::chrono::duration<double>(duration).count();
  ++buckets[static_cast<std::size_t>(std::ranges::lower_bound(kBounds, seconds) - kBounds.begin())];
}

BulkTally::Counts BulkTally::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

void BulkTally::add_call(const Result<Session>& session) {
  const auto& call = session ? session->call : session.error().call();
  if (!call) return;
  const std::lock_guard lock(mutex_);
  counts_.calls[outcome_of(session)].add(call->elapsed);
  bool is_first = true;
  for (const Attempt& one : call->attempts) {
    const bool is_last = &one == &call->attempts.back();
    if (one.phase == Phase::wait || (!is_last && is_asked_for(one))) {
      counts_.rate_limit_wait += one.wait;
    }
    if (one.phase == Phase::wait) continue;  // it was never sent
    counts_.attempts[{one.http_status, error_of(one, session, is_last)}].add(one.duration);
    counts_.retries += is_first ? 0 : 1;
    is_first = false;
  }
}

void BulkTally::add_id(const Result<Session>& session) {
  const std::lock_guard lock(mutex_);
  ++counts_.ids[outcome_of(session)];
}

BulkProbe::BulkProbe(const Client& client, const BulkOptions& options,
                     std::function<void()> on_ready)
    : thread_(std::make_shared<BulkThread>(client, make_plan(client, options), std::move(on_ready),
                                           options.call.is_interrupted)) {}

BulkProbe::BulkProbe(BulkProbe&&) noexcept = default;

BulkProbe::~BulkProbe() {
  if (!thread_) return;
  thread_->stop();
  // In a forked child it is a copy of whatever the thread was at, and stays as it is.
  if (is_inherited()) (void)new std::shared_ptr<BulkThread>(std::move(thread_));
}

Result<BulkPlan> BulkProbe::make_plan(const Client& client, const BulkOptions& options) {
  if (options.concurrency < 1 || options.concurrency > kMaxConcurrency) {
    return Error(ErrorKind::configuration_error, "concurrency must be from 1 to 4096, not " +
                                                     std::to_string(options.concurrency) + ".");
  }
  auto plan = plan_call(client, client.provider().probe.traits(), options.call);
  if (!plan) return std::move(plan).error();
  if (auto refused = refuse_custom_transport(client.core(), "BulkProbe")) return *refused;
  if (options.deadline && !is_allowed(*options.deadline)) {
    return Error(ErrorKind::configuration_error,
                 "deadline must be more than 0 and at most 86400 seconds.");
  }
  return BulkPlan{
      .concurrency = std::min(options.concurrency, client.core().transport->max_connections()),
      .is_ordered = options.ordered,
      .policy = plan->policy,
      .timeout = plan->timeout,
      .deadline = options.deadline
                      ? Clock::now() + std::chrono::ceil<Clock::duration>(*options.deadline)
                      : Clock::time_point::max(),
      .cancel = plan->cancel,
      .trace_headers = plan->trace_headers,
      .tally = options.tally,
      .table = options.table,
  };
}

const Error* BulkProbe::configuration_error() const { return thread_->configuration_error(); }
bool BulkProbe::is_inherited() const { return thread_->is_inherited(); }
bool BulkProbe::is_over() const { return thread_->is_over(); }
bool BulkProbe::is_done() const { return thread_->is_done(); }
Clock::duration BulkProbe::closed_for() const { return thread_->closed_for(); }
std::size_t BulkProbe::room() const { return thread_->room(); }

void BulkProbe::expect(std::unordered_map<std::string, std::size_t> repeated) {
  thread_->expect(std::move(repeated));
}

void BulkProbe::add(std::string id) {
  BulkThread::Pending given{std::move(id), nullptr};
  thread_->add({&given, 1});
}

void BulkProbe::add(std::vector<std::string> ids) {
  std::vector<BulkThread::Pending> given;
  given.reserve(ids.size());
  for (std::string& id : ids) given.push_back({std::move(id), nullptr});
  thread_->add(given);
}

void BulkProbe::add_failed(std::string id, Error error) {
  BulkThread::Pending given{std::move(id), std::make_unique<const Error>(std::move(error))};
  thread_->add({&given, 1});
}

void BulkProbe::finish() { thread_->finish(); }
std::vector<Outcome> BulkProbe::take() { return thread_->take(); }
std::vector<Outcome> BulkProbe::take_ready() { return thread_->take_ready(); }
std::size_t BulkProbe::take_rows() { return thread_->take_rows(); }
std::size_t BulkProbe::take_ready_rows() { return thread_->take_ready_rows(); }
bool BulkProbe::wait_ready(Clock::duration longest) { return thread_->wait_ready(longest); }
void BulkProbe::stop() { thread_->stop(); }
void BulkProbe::stop_all() { BulkThread::stop_all(); }

}  // namespace sessionvitals

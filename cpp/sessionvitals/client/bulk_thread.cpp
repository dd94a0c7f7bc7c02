#include "sessionvitals/client/bulk_thread.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <system_error>
#include <utility>

#include "sessionvitals/client/client_core.h"
#include "sessionvitals/engine/drivers/core_thread.h"

namespace sessionvitals {

namespace {

// Enough ids in hand for no connection to run dry while the caller fetches more.
constexpr std::size_t kWindowPerCall = 4;
constexpr std::size_t kMinWindow = 256;
// Of a table: nobody waits for its rows, and each turn of the caller's thread costs the calls time.
constexpr std::size_t kWindowPerCallOfTable = 16;
// Ids that come close upon each other are fetched together: a thread that could ask for more than
// it was just given looks again after so long, and has itself woken only when none has come.
constexpr std::chrono::milliseconds kGather{1};
// A caller of take_rows() is woken at least this often while rows are added.
constexpr std::chrono::milliseconds kTellInterval{5};
// Ctrl-C is looked for this often, as in a single call (engine/drivers/wait.cpp).
constexpr std::chrono::milliseconds kQuestionInterval{50};

// The bulks that have a thread, for the end of the process.
struct Running {
  engine::ForkSafeMutex mutex;
  std::vector<std::weak_ptr<BulkThread>> bulks;
};

// Never destroyed: a bulk may still run while the process ends.
Running& running() {
  static auto* made = new Running;
  return *made;
}
[[maybe_unused]] const Running& made_when_loaded = running();  // see fork.h

std::size_t window_of(const Result<BulkPlan>& plan) {
  if (!plan) return kMinWindow;
  const std::size_t per_call = plan->table ? kWindowPerCallOfTable : kWindowPerCall;
  return std::max(per_call * plan->concurrency, kMinWindow);
}

}  // namespace

BulkThread::BulkThread(const Client& client, Result<BulkPlan> plan, std::function<void()> on_ready,
                       bool (*is_interrupted)())
    : client_(client),
      plan_(std::move(plan)),
      window_(window_of(plan_)),
      on_ready_(std::move(on_ready)),
      is_interrupted_(is_interrupted) {}

bool BulkThread::is_done() const {
  if (is_inherited()) return true;
  const std::lock_guard lock(mutex_);
  return is_stopping_ || (is_finished_ && added_ == taken_);
}

// Asks by itself, as the thread does not look while it has no call.
bool BulkThread::is_over() const {
  if (is_over_ || !plan_) return is_over_;
  return Clock::now() >= plan_->deadline || (plan_->cancel && plan_->cancel->is_cancelled());
}

Clock::duration BulkThread::closed_for() const {
  if (!plan_) return Clock::duration::zero();
  const Clock::time_point opens = client_.core().transport->opens();
  const Clock::time_point now = Clock::now();
  return opens > now ? opens - now : Clock::duration::zero();
}

std::size_t BulkThread::room() const {
  if (is_inherited()) return 0;
  const std::lock_guard lock(mutex_);
  return is_stopping_ ? 0 : window_ - std::min(added_ - taken_, window_);
}

void BulkThread::expect(std::unordered_map<std::string, std::size_t> repeated) {
  if (is_inherited()) return;
  const std::lock_guard lock(mutex_);
  repeated_ = std::move(repeated);
}

void BulkThread::add(std::span<Pending> given) {
  if (given.empty() || is_inherited()) return;
  std::unique_lock lock(mutex_);
  if (is_stopping_) return;
  if (!is_started_ && plan_ && !start_error_) start();
  added_ += given.size();
  if (is_started_) {
    std::move(given.begin(), given.end(), std::back_inserter(input_));
    notify(std::move(lock));
    return;
  }
  const Error& why = plan_ ? *start_error_ : plan_.error();
  for (auto& [id, error] : given) {
    const Error& failure = error ? *error : why;
    if (plan_ && plan_->table) {
      plan_->table->add(id, failure);
      ++rows_;
    } else {
      output_.push_back({std::move(id), failure});
    }
  }
}

void BulkThread::finish() {
  if (is_inherited()) return;
  const std::lock_guard lock(mutex_);
  is_finished_ = true;
}

std::vector<Outcome> BulkThread::take() {
  if (is_inherited()) return {};
  std::unique_lock lock(mutex_);
  await_output(lock);
  taken_ += output_.size();
  return std::exchange(output_, {});
}

std::size_t BulkThread::take_rows() {
  if (is_inherited()) return 0;
  std::unique_lock lock(mutex_);
  await_output(lock);
  taken_ += rows_;
  return std::exchange(rows_, 0);
}

void BulkThread::await_output(std::unique_lock<std::mutex>& lock) {
  while (!wait(lock, kQuestionInterval)) {
    if (is_interrupted_ == nullptr || must_end_) continue;
    lock.unlock();
    const bool is_interrupted = is_interrupted_();
    lock.lock();
    if (!is_interrupted) continue;
    must_end_ = true;
    is_hungry_ = true;
    notify(std::move(lock));
    lock = std::unique_lock(mutex_);
  }
}

std::vector<Outcome> BulkThread::take_ready() {
  if (is_inherited()) return {};
  const std::lock_guard lock(mutex_);
  taken_ += output_.size();
  return std::exchange(output_, {});
}

std::size_t BulkThread::take_ready_rows() {
  if (is_inherited()) return 0;
  const std::lock_guard lock(mutex_);
  taken_ += rows_;
  return std::exchange(rows_, 0);
}

bool BulkThread::wait_ready(Clock::duration longest) {
  if (is_inherited()) return false;
  std::unique_lock lock(mutex_);
  wait(lock, longest);
  return !output_.empty() || rows_ > 0;
}

void BulkThread::stop() {
  if (is_inherited()) return;
  {
    std::unique_lock lock(mutex_);
    is_stopping_ = true;
    is_hungry_ = true;
    notify(std::move(lock));
  }
  has_output_.notify_all();
  {
    const std::lock_guard lock(join_mutex_);
    if (thread_.joinable()) thread_.join();
  }
  const std::lock_guard lock(mutex_);
  calls_.reset();
  output_.clear();
}

void BulkThread::stop_all() {
  std::vector<std::weak_ptr<BulkThread>> bulks;
  {
    const std::lock_guard lock(running().mutex);
    bulks = running().bulks;
  }
  for (const auto& bulk : bulks) {
    if (const auto thread = bulk.lock()) thread->stop();
  }
}

// Called with the first id, so that a bulk that nobody reads has no thread.
void BulkThread::start() {
  calls_ = std::make_unique<BulkCalls>(client_, *plan_);
  generation_ = engine::fork_generation();
  try {
    thread_ = engine::start_thread([this] { run(); });
  } catch (const std::system_error& problem) {
    start_error_ = engine::no_thread_for("calls", problem);
    return;
  }
  is_started_ = true;
  static const int registered = std::atexit(stop_all);
  (void)registered;
  const std::lock_guard lock(running().mutex);
  std::erase_if(running().bulks, [](const auto& bulk) { return bulk.expired(); });
  running().bulks.push_back(weak_from_this());
}

// Returns false if outcomes are still to come.
bool BulkThread::wait(std::unique_lock<std::mutex>& lock, Clock::duration longest) {
  return has_output_.wait_for(lock, longest, [this] {
    return !output_.empty() || rows_ > 0 || added_ == taken_ || is_stopping_;
  });
}

void BulkThread::notify(std::unique_lock<std::mutex> lock) {
  const bool must_wake = std::exchange(is_hungry_, false);
  // With the lock, as stop() ends what it wakes.
  if (must_wake && calls_) calls_->wake();
  lock.unlock();
  has_input_.notify_one();
}

void BulkThread::run() {
  while (take_input()) {
    const std::size_t rows = calls_->run(concluded_, longest_wait_);
    is_over_ = calls_->is_over();
    hand_over(rows);
  }
  if (on_ready_) on_ready_();
}

// Waits while there is nothing to do. Returns false once the bulk is to stop.
bool BulkThread::take_input() {
  std::unique_lock lock(mutex_);
  if (calls_->is_idle()) {
    is_hungry_ = false;
    has_input_.wait(lock, [this] { return is_stopping_ || !input_.empty(); });
  }
  if (is_stopping_) return false;
  std::vector<Pending> given = std::exchange(input_, {});
  auto repeated = std::exchange(repeated_, {});
  const bool must_end = must_end_ && !calls_->is_over();
  lock.unlock();
  if (!repeated.empty()) calls_->expect(std::move(repeated));
  for (Pending& pending : given) calls_->add(std::move(pending));
  if (must_end) calls_->end(engine::WakeReason::cancelled);
  calls_->start_calls();
  // Only now is it known how many places they took: ids that are equal share one.
  const bool has_place = calls_->has_place();
  lock.lock();
  is_hungry_ = has_place && given.empty() && input_.empty();
  longest_wait_ = has_place && !is_hungry_ ? kGather : Clock::duration::max();
  return true;
}

void BulkThread::hand_over(std::size_t rows) {
  if (concluded_.empty() && rows == 0) return;
  bool must_tell = false;
  {
    const std::lock_guard lock(mutex_);
    if (rows > 0) {
      // Nobody waits for a row: the caller is woken to bring more ids, before they run out, at the
      // end, and for the rows of a slow bulk, which are told one by one.
      const std::size_t enough = window_ / 2;
      must_tell = rows_ < enough;
      rows_ += rows;
      const Clock::time_point now = Clock::now();
      must_tell = (must_tell && (rows_ >= enough || added_ == taken_ + rows_)) ||
                  now - told_ >= kTellInterval;
      if (must_tell) told_ = now;
    } else if (must_tell = output_.empty(); must_tell) {
      output_.swap(concluded_);
    } else {
      std::move(concluded_.begin(), concluded_.end(), std::back_inserter(output_));
    }
  }
  concluded_.clear();
  if (!must_tell) return;
  has_output_.notify_one();
  if (on_ready_) on_ready_();
}

}  // namespace sessionvitals

#include "sessionvitals/watch/keeper.h"

#include <condition_variable>
#include <utility>

#include "sessionvitals/client/client_core.h"
#include "sessionvitals/watch/keeper_plan.h"
#include "sessionvitals/watch/watch_thread.h"

namespace sessionvitals {

namespace {

constexpr std::chrono::duration<double> kShortestMargin = std::chrono::milliseconds(100);

}  // namespace

class KeeperState final : public WatchMember {
 public:
  KeeperState(WatchThread& thread, std::string session_id, Clock::duration margin, CallPlan call,
              std::function<void()> on_change)
      : thread_(thread),
        id_{std::move(session_id)},
        call_(std::move(call)),
        plan_(margin),
        on_change_(std::move(on_change)) {
    cancel = call_.cancel;
  }

  std::optional<Error> begin() {
    {
      const std::lock_guard lock(thread_.mutex());
      beat_ = std::make_unique<Beat>(*this);
      thread_.plan(*beat_, Clock::now());
    }
    return thread_.join(shared_from_this());
  }

  void check() {
    const std::lock_guard lock(thread_.mutex());
    if (is_over_) return;
    if (thread_.is_on_its_way(*beat_)) {
      must_check_ = true;  // its answer may be from before what the caller knows
      return;
    }
    step_ = {.act = KeeperAct::look};
    thread_.plan(*beat_, Clock::now());
  }

  void close() {
    {
      const std::lock_guard lock(thread_.mutex());
      end();
    }
    thread_.leave(shared_from_this());
  }

  bool wait(Clock::duration longest) {
    std::unique_lock lock(thread_.mutex());
    return has_ended_.wait_for(lock, longest, [this] { return is_over_; });
  }

  void expire() override { end(); }
  void stop() override { end(); }
  void end_cancelled() override {
    error = Error(ErrorKind::call_cancelled, Phase::queue, "The keeper was cancelled.");
    end();
  }
  void tell() override {
    if (on_change_) on_change_();
  }

  // With the mutex:
  bool is_over() const { return is_over_; }
  std::optional<ElizaSession> session;
  std::optional<Error> error;
  bool is_lost = false;

 private:
  class Beat final : public Poll {
   public:
    explicit Beat(KeeperState& keeper) : Poll(keeper), keeper_(keeper) {}

    const CallPlan& call_plan() const override { return keeper_.call_; }
    OperationTraits traits() const override { return operation().traits(keeper_.id_); }
    Result<Request> build() override {
      return operation().build(keeper_.id_, keeper_.thread_.client().core().credential);
    }
    void conclude(Exchange exchange, const LookTime& look) override {
      keeper_.conclude(
          keeper_.thread_.client().finish(operation(), keeper_.id_, std::move(exchange)), look);
    }

   private:
    const Operation<SessionId, ElizaSession>& operation() const {
      if (keeper_.step_.act == KeeperAct::heartbeat) return eliza::kSendHeartbeat;
      if (keeper_.step_.act == KeeperAct::renewal) return eliza::kRenewSession;
      return eliza::kGetSession;
    }

    KeeperState& keeper_;
  };

  void conclude(Result<ElizaSession> answer, const LookTime& look) {
    const Clock::time_point now = look.ended;
    if (answer) {
      step_ = plan_.see(step_.act, *answer, now, look.wall);
      session = *std::move(answer);
      error.reset();
    } else {
      step_ = plan_.fail(step_.act, answer.error(), now);
      error = std::move(answer).error();
    }
    is_lost = step_.is_lost;
    if (step_.is_over) return end();
    if (std::exchange(must_check_, false)) step_ = {.act = KeeperAct::look, .at = now};
    thread_.plan(*beat_, step_.at);
  }

  void end() {
    if (std::exchange(is_over_, true)) return;
    thread_.drop(std::move(beat_));
    has_ended_.notify_all();
    thread_.tell(*this);
  }

  WatchThread& thread_;
  const SessionId id_;
  const CallPlan call_;
  KeeperPlan plan_;
  KeeperStep step_;
  const std::function<void()> on_change_;
  std::unique_ptr<Poll> beat_;
  bool is_over_ = false;
  bool must_check_ = false;
  std::condition_variable has_ended_;
};

Keeper::Keeper(const ElizaClient& client, KeeperOptions options, std::function<void()> on_change) {
  const SessionId id{options.session_id};
  // A look is what fits all three calls: what acts twice is not sent again within one.
  auto call = plan_call(client, eliza::kSendHeartbeat.traits(id), options.call);
  auto request = eliza::kGetSession.build(id, client.core().credential);
  if (!call) {
    error_ = call.error();
  } else if (!request) {
    error_ = request.error();
  } else if (auto refused = refuse_custom_transport(client.core(), "A keeper")) {
    error_ = std::move(refused);
  } else if (!(options.margin >= kShortestMargin && options.margin <= kMaxTimeout)) {
    error_ = Error(ErrorKind::configuration_error, "margin must be from 0.1 to 86400 seconds.");
  } else {
    thread_ = WatchThread::of(client);
    state_ = std::make_shared<KeeperState>(*thread_, std::move(options.session_id),
                                           std::chrono::ceil<Clock::duration>(options.margin),
                                           *std::move(call), std::move(on_change));
    error_ = state_->begin();
    if (!error_) return;
    state_->close();
    state_.reset();
    thread_.reset();
  }
}

Keeper::Keeper(Keeper&&) noexcept = default;

Keeper::~Keeper() {
  if (!state_) return;
  if (!is_inherited()) {
    state_->close();
    return;
  }
  // In a forked child it is a copy of whatever the thread was at, and stays as it is.
  (void)new std::shared_ptr<KeeperState>(std::move(state_));
  (void)new std::shared_ptr<WatchThread>(std::move(thread_));
}

std::optional<ElizaSession> Keeper::session() const {
  if (!state_ || is_inherited()) return std::nullopt;
  const std::lock_guard lock(thread_->mutex());
  return state_->session;
}

std::optional<Error> Keeper::error() const {
  if (!state_ || is_inherited()) return error_;
  const std::lock_guard lock(thread_->mutex());
  return state_->error;
}

bool Keeper::is_lost() const {
  if (!state_ || is_inherited()) return false;
  const std::lock_guard lock(thread_->mutex());
  return state_->is_lost;
}

bool Keeper::is_over() const {
  if (!state_ || is_inherited()) return true;
  const std::lock_guard lock(thread_->mutex());
  return state_->is_over();
}

bool Keeper::wait(Clock::duration longest) const {
  return !state_ || is_inherited() || state_->wait(longest);
}

void Keeper::check() {
  if (state_ && !is_inherited()) state_->check();
}

void Keeper::close() {
  if (state_ && !is_inherited()) state_->close();
}

bool Keeper::is_inherited() const { return thread_ && thread_->is_inherited(); }

}  // namespace sessionvitals

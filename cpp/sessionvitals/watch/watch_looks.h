#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "sessionvitals/watch/watch_state.h"

/// The calls of a watch. Private to watch_state.cpp and watch_list.cpp.
namespace sessionvitals {

/// From so many ids on a list of all sessions is asked for, and "not found" for all is suspicious.
inline constexpr std::size_t kSome = 3;

/// The looks at one session.
class WatchState::Look final : public Poll {
 public:
  Look(WatchState& watch, const std::string& id)
      : Poll(watch),
        watch_(watch),
        followed(std::string(watch.client().provider().name), id, watch.plan_.rules) {}

  const CallPlan& call_plan() const override { return watch_.plan_.look; }
  OperationTraits traits() const override { return operation().traits(); }
  Result<Request> build() override {
    return operation().build({followed.id()}, watch_.client().core().credential);
  }
  void conclude(Exchange exchange, const LookTime& look) override {
    auto session =
        watch_.client().finish(operation(), SessionId{followed.id()}, std::move(exchange));
    const FollowRules& rules = watch_.plan_.rules;
    watch_.apply(*this, session ? followed.see(rules, *std::move(session), look)
                                : followed.fail(rules, session.error(), look));
  }

 private:
  const Operation<SessionId, Session>& operation() const {
    return watch_.client().provider().probe;
  }

  WatchState& watch_;

 public:
  Followed followed;
  bool is_counted = false;  // among the unseen
  // Of an event that came while it was on its way: the answer may be older.
  bool is_hinted = false;
  bool is_doubted = false;
};

/// The looks at all live sessions of a server.
class WatchState::ListLook final : public Poll {
 public:
  explicit ListLook(WatchState& watch) : Poll(watch), watch_(watch) {}

  const CallPlan& call_plan() const override { return *watch_.plan_.list; }
  OperationTraits traits() const override { return operation().traits(NoQuestion{}); }
  Result<Request> build() override {
    return operation().build({}, watch_.client().core().credential);
  }
  bool is_large() const override { return true; }
  void read(Exchange exchange) override {
    sessions_ = watch_.client().finish(operation(), NoQuestion{}, std::move(exchange));
  }
  void conclude(Exchange exchange, const LookTime& look) override {
    if (!sessions_) read(std::move(exchange));
    watch_.apply_list(*std::exchange(sessions_, std::nullopt), look);
  }

 private:
  const Operation<NoQuestion, Page<Session>>& operation() const {
    return *watch_.client().provider().list;
  }

  WatchState& watch_;
  std::optional<Result<Page<Session>>> sessions_;
};

}  // namespace sessionvitals

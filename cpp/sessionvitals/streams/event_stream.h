#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "sessionvitals/client/client.h"
#include "sessionvitals/context.h"
#include "sessionvitals/errors.h"
#include "sessionvitals/options.h"

/// A vendor's stream, as its client gives it: one typed item after the other.
///
///     EventStream<PingEvent> events = ping.events();
///     while (auto item = events.next()) {        // an error ends the loop, too
///       if (!*item) break;                       // the stream has ended for good
///       ...
///     }
namespace sessionvitals {

struct StreamOptions {
  // Of each opening: `timeout` is for the head of its answer alone.
  CallOptions call = {};
  // How long the server may say nothing, not even a comment.
  std::chrono::duration<double> idle_timeout = kDefaultIdleTimeout;
  // For the whole stream, from when it was made; none: as long as it lasts.
  std::optional<std::chrono::duration<double>> deadline = {};
  // Before a stream that was lost is opened again: doubled for each attempt that fails, up to 30 s,
  // and made up to half shorter by chance. For streams that are opened again.
  std::chrono::duration<double> reconnect_after{1};
};

/// What an EventStream is besides its items.
class StreamState {
 public:
  /// What the options leave out is the client's.
  StreamState(const Client& client, StreamOptions options);

  /// Returns what is wrong with the options, if anything is.
  std::optional<Error> check() const;

  /// Takes the stream for one wait. Fails with a ConfigurationError if another wait has it,
  /// or if the process was forked since it was made: it belongs to the parent.
  std::optional<Error> enter();
  void leave() { is_taken_ = false; }

  /// Keeps whether the stream is over, for any thread.
  void note_end(bool is_over) { is_over_ = is_over; }
  bool is_over() const { return is_over_; }

  /// Ends the wait that is under way, and those to come.
  void close() const { stop_.cancel(); }

  /// Runs `work` in a thread of the library, unless none can be started.
  std::optional<Error> run_in_thread(std::function<void()> work) const;

  /// Ends all waits that were begun, and their threads: for the end of the process.
  static void end_begun();

  const StreamOptions& options() const { return options_; }
  StreamLimits limits() const;

  /// What a wait heeds beside the stream's own descriptors.
  Context context() const;

 private:
  StreamOptions options_;
  CancelToken stop_;
  std::uint32_t generation_;
  Clock::time_point deadline_ = Clock::time_point::max();
  std::atomic<bool> is_taken_ = false;
  std::atomic<bool> is_over_ = false;
};

/// One stream. Nothing is sent before the first open(), next() or begin_next(). Belongs to one
/// thread at a time, but for close(). Destroy it to give its connection back; a wait that was
/// begun is then cancelled, and done.
template <class Item_>
class EventStream {
 public:
  using Item = Item_;
  using Next = Result<std::optional<Item>>;

  /// What one kind of stream does. Called by one thread at a time.
  class Source {
   public:
    virtual ~Source() = default;
    virtual std::optional<Error> open() = 0;
    virtual Next next() = 0;
    virtual bool is_over() const = 0;
    virtual void use(const Client& client) = 0;
  };

  EventStream(std::shared_ptr<StreamState> state, std::shared_ptr<Source> source)
      : state_(std::move(state)), source_(std::move(source)) {}
  ~EventStream() {
    if (state_) close();
  }
  EventStream(EventStream&&) noexcept = default;
  EventStream& operator=(EventStream&&) noexcept = default;

  /// Waits until the stream is open, or has been; next() does so by itself. Returns what next()
  /// would then fail with.
  std::optional<Error> open() {
    if (auto error = enter()) return error;
    auto error = source_->open();
    state_->leave();
    return error;
  }

  /// Waits for the next item and returns it; nothing once the stream has ended in good order, and
  /// ever after. Fails with any error of errors.h. After a ContractError for one event the next may
  /// be asked for; after any other error it is the same again.
  Next next() {
    if (auto error = enter()) return *std::move(error);
    auto item = source_->next();
    state_->note_end(source_->is_over());
    state_->leave();
    return item;
  }

  /// Returns whether the last wait was the last one: its end, or its error, is all that later ones
  /// will give. After a ContractError for one event it is not. From any thread.
  bool is_over() const { return state_->is_over(); }

  /// Waits as next() does, in a thread of the library, and calls `done` from it, once; if no
  /// thread can be started, before this returns. `done` may begin the next wait. One wait at a
  /// time.
  void begin_next(std::function<void(Next)> done) {
    begin(std::move(done), [](Source& source) { return source.next(); });
  }

  /// Ends the wait that is under way, with CallCancelled, and every later one. From any thread.
  void close() const { state_->close(); }

  /// Goes on with another client, after an AuthenticationError of a key that has changed, as if
  /// that error had not been; not where the stream may have acted. Fails with a ConfigurationError
  /// while a wait is under way, and then changes nothing.
  std::optional<Error> use(const Client& client) {
    if (auto error = state_->enter()) return error;
    source_->use(client);
    state_->note_end(source_->is_over());
    state_->leave();
    return std::nullopt;
  }

 private:
  std::optional<Error> enter() {
    if (auto error = state_->check()) return error;
    return state_->enter();
  }

  template <class Done, class Wait>
  void begin(Done done, Wait wait) {
    if (auto error = enter()) return done(*std::move(error));
    const auto begun = [state = state_, source = source_, done, wait] {
      auto item = wait(*source);
      state->note_end(source->is_over());
      state->leave();
      done(std::move(item));
    };
    if (auto error = state_->run_in_thread(begun)) {
      state_->leave();
      done(*std::move(error));
    }
  }

  std::shared_ptr<StreamState> state_;
  std::shared_ptr<Source> source_;
};

}  // namespace sessionvitals

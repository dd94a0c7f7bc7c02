#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "sessionvitals/errors.h"
#include "sessionvitals/options.h"
#include "sessionvitals/provider.h"
#include "sessionvitals/session.h"

/// The three arrows in a row: build, carry, parse.
///
///     Client            any provider, in our words: probe()
///     TiunClient        tiun_client.h: verify()
///     PingClient        ping_client.h: session_status()
///     ElizaClient       eliza_client.h: get_session()
namespace sessionvitals {

/// What a client is made of. What is not set comes from the environment (the
/// variables that the provider names), then from the provider.
struct ClientOptions {
  std::optional<std::string> key = {};
  std::string credential_style = {};  // empty: the provider's first
  std::optional<std::string> base_url = {};
  bool sandbox = false;  // the vendor's own sandbox; a base_url wins over it
  TransportOptions transport = {};
  CallOptions call = {};
};

/// Asks one provider. Safe to use from many threads at once; copies, and views
/// made by with_options(), are cheap and share all but the options.
class Client {
 public:
  /// Never fails: what is wrong with the options is configuration_error(), and
  /// what every call then returns.
  Client(const Provider& provider, ClientOptions options);

  const std::optional<Error>& configuration_error() const { return configuration_error_; }
  const Provider& provider() const;
  const std::string& base_url() const;

  /// What a call uses where its own options say nothing.
  const CallOptions& call_options() const { return options_; }

  /// Asks for one session's state and waits for the answer. What the vendor may
  /// properly say of a session, "no such session" included, is a Session; fails
  /// with any error of errors.h but those for 404 and 410.
  Result<Session> probe(std::string_view session_id, const CallOptions& options = {}) const {
    return ask(provider().probe, session_id, options);
  }

  /// Returns a client that differs in the options that are set.
  Client with_options(const CallOptions& options) const { return view_of(*this, options); }

  /// Asks, waits, and returns the answer with the report of the call.
  template <class Answer>
  Result<Answer> ask(const Operation<Answer>& operation, std::string_view session_id,
                     const CallOptions& options = {}) const {
    auto carried = carry(operation.build, session_id, options);
    return conclude(operation, session_id, std::move(carried));
  }

  /// Asks and does not wait: `done` is called with the answer, once, in a thread
  /// of the library, which it must not hold up; or, for what cannot be sent,
  /// before this returns. Options' cancel and is_interrupted are not heeded:
  /// use cancel_begun() with the number that this returns (0: nothing to cancel).
  template <class Answer>
  std::uint64_t begin(const Operation<Answer>& operation, std::string session_id,
                      const CallOptions& options,
                      std::function<void(Result<std::type_identity_t<Answer>>)> done) const {
    return dispatch(
        operation.build, session_id, options,
        [client = *this, operation, session_id, done = std::move(done)](Carried carried) {
          done(client.conclude(operation, session_id, std::move(carried)));
        });
  }

  /// Ends a call that was begun, if it is not over yet: it gives its connection
  /// back and is done with CallCancelled. From any thread; never blocks.
  static void cancel_begun(std::uint64_t number);

  /// Ends all calls that were begun, as cancelled, and the thread that carries
  /// them: for the end of the process, which may otherwise come while it works.
  static void end_begun();

 protected:
  template <class Derived>
  static Derived view_of(const Derived& client, const CallOptions& options) {
    Derived view = client;
    view.override_options(options);
    return view;
  }

 private:
  friend class BulkProbe;
  struct Shared;
  struct Plan;  // client_plan.h

  /// What came back from the engine.
  struct Carried {
    Result<Response> response;
    std::shared_ptr<CallReport> report;  // nullptr if nothing was tried
  };
  using Build = Result<Request> (*)(std::string_view, const Credential&);

  template <class Answer>
  Result<Answer> conclude(const Operation<Answer>& operation, std::string_view session_id,
                          Carried carried) const {
    redact(carried.report.get());
    if (!carried.response) return finish(std::move(carried.response).error(), carried.report);
    auto answer = operation.parse(session_id, *carried.response);
    if (!answer) return finish(std::move(answer).error(), carried.report);
    attach(*answer, carried.report);
    return answer;
  }

  void override_options(const CallOptions& options);
  Result<Plan> plan(const CallOptions& options) const;
  Carried carry(Build build, std::string_view session_id, const CallOptions& options) const;
  std::uint64_t dispatch(Build build, std::string_view session_id, const CallOptions& options,
                         std::function<void(Carried)> done) const;
  Error finish(Error error, const std::shared_ptr<CallReport>& report) const;
  void redact(CallReport* report) const;
  static Carried received(Result<Response> response, std::shared_ptr<CallReport> report);
  static void attach(Detail& answer, const std::shared_ptr<CallReport>& report);
  void attach(Session& answer, const std::shared_ptr<CallReport>& report) const;

  std::shared_ptr<const Shared> shared_;
  CallOptions options_;
  std::optional<Error> configuration_error_;
};

}  // namespace sessionvitals

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "sessionvitals/client/event_source.h"
#include "sessionvitals/client/exchange.h"
#include "sessionvitals/errors.h"
#include "sessionvitals/operation.h"
#include "sessionvitals/options.h"
#include "sessionvitals/provider.h"
#include "sessionvitals/session.h"
#include "sessionvitals/stream.h"
#include "sessionvitals/transport.h"

/// A call is three steps: the operation builds a request, the engine sends it,
/// and the operation parses the response. Client::call() is those three lines.
///
///     Client            any provider, in our words: probe()
///     TiunClient        tiun_client.h: verify()
///     PingClient        ping_client.h: session_status()
///     ElizaClient       eliza_client.h: get_session()
namespace sessionvitals {

struct ClientCore;    // client_core.h
struct WatchOptions;  // watch/watch.h
class Watch;

/// What a client is made of. What is not set comes from the environment (the
/// variables that the provider names), then from the provider.
struct ClientOptions {
  std::optional<std::string> key = {};
  std::string auth_scheme = {};  // empty: the provider's first
  std::optional<std::string> base_url = {};
  bool sandbox = false;  // the vendor's own sandbox; a base_url wins over it
  TransportOptions transport = {};
  std::shared_ptr<const Transport> custom_transport =
      {};  // see transport.h; in place of `transport`
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
    return call(provider().probe, {std::string(session_id)}, options);
  }

  /// Follows sessions until they end; see watch/watch.h.
  Watch watch(WatchOptions options) const;

  /// Returns a client that differs in the options that are set.
  Client with_options(const CallOptions& options) const { return view_of(*this, options); }

  /// Makes the call, waits, and returns the answer with the report of the call.
  template <class Op>
  Result<typename Op::Answer> call(const Op& operation, const typename Op::Question& question,
                                   const CallOptions& options = {}) const {
    auto request = operation.build(question, credential());
    auto exchange = send(std::move(request), operation.traits(question), options);
    return finish(operation, question, std::move(exchange));
  }

  /// Makes the call and does not wait: `done` is called with the answer, once, in a
  /// thread of the library, which it must not hold up; or, for what cannot be sent,
  /// before this returns. Options' cancel and is_interrupted are not heeded:
  /// use cancel_begun() with the number that this returns (0: nothing to cancel).
  template <class Op>
  std::uint64_t begin(const Op& operation, typename Op::Question question,
                      const CallOptions& options,
                      std::function<void(Result<typename Op::Answer>)> done) const {
    auto request = operation.build(question, credential());
    const OperationTraits traits = operation.traits(question);
    return begin_send(
        std::move(request), traits, options,
        [client = *this, operation, question = std::move(question), done = std::move(done)](
            Exchange exchange) { done(client.finish(operation, question, std::move(exchange))); });
  }

  /// Opens a stream and waits for its head, for as long as the options allow a call;
  /// after it, the limits hold. Fails as call() does. A stream is opened anew by the
  /// retry policy, but never once its head has come.
  template <class Op>
  Result<Events<Op>> open(const Op& stream, typename Op::Question question,
                          const CallOptions& options = {}, const StreamLimits& limits = {}) const {
    auto request = stream.build(question, credential());
    auto [source, exchange] = open_stream(std::move(request), stream.traits(), options, limits);
    if (source) return Events<Op>(stream, std::move(question), *std::move(source));
    if (!exchange.response) {
      return fail(std::move(exchange.response).error(), stream.effect, exchange.report);
    }
    return fail(stream.parse_error(question, *exchange.response), stream.effect, exchange.report);
  }

  /// Ends a call that was begun, if it is not over yet: it gives its connection
  /// back and is done with CallCancelled. From any thread; never blocks.
  static void cancel_begun(std::uint64_t number);

  /// Ends all calls that were begun, as cancelled, and the thread that carries
  /// them: for the end of the process, which may otherwise come while it works.
  static void end_begun();

  /// Parses what came back, and returns the answer or the error with the report.
  /// For drivers of many calls, which send by themselves (client_core.h).
  template <class Op>
  Result<typename Op::Answer> finish(const Op& operation, const typename Op::Question& question,
                                     Exchange&& exchange) const {
    using Answer = typename Op::Answer;
    static_assert(CallAnswer<Answer>);
    auto answer = exchange.response ? operation.parse(question, *exchange.response)
                                    : Result<Answer>(std::move(exchange.response).error());
    if (answer) {
      attach(*answer, std::move(exchange.report));
      return answer;
    }
    answer = fail(std::move(answer).error(), operation.effect, exchange.report);
    if constexpr (std::is_same_v<Answer, NoContent>) {
      if (was_done_before(operation.effect, answer.error())) answer = NoContent{exchange.report};
    }
    return answer;
  }

  /// What the client and its views share; opaque outside the library.
  const ClientCore& core() const { return *core_; }

 protected:
  template <class Derived>
  static Derived view_of(const Derived& client, const CallOptions& options) {
    Derived view = client;
    view.override_options(options);
    return view;
  }

 private:
  // A deletion that is sent again finds nothing, if the attempt before it was carried out.
  static bool was_done_before(Effect effect, const Error& error) {
    return effect == Effect::idempotent && error.kind() == ErrorKind::not_found_error &&
           error.may_have_taken_effect();
  }

  const Credential& credential() const;
  void override_options(const CallOptions& options);
  Exchange send(Result<Request>&& request, const OperationTraits& operation,
                const CallOptions& options) const;
  std::uint64_t begin_send(Result<Request>&& request, const OperationTraits& operation,
                           const CallOptions& options, std::function<void(Exchange)> done) const;
  OpenedStream open_stream(Result<Request>&& request, const OperationTraits& operation,
                           const CallOptions& options, const StreamLimits& limits) const;
  Error fail(Error error, Effect effect, const std::shared_ptr<CallReport>& report) const;
  void attach(Session& answer, std::shared_ptr<CallReport> report) const;
  void attach(CallAnswer auto& answer, std::shared_ptr<CallReport> report) const {
    answer.call = std::move(report);
    if constexpr (requires { answer.redact(std::string_view()); }) {
      answer.redact(credential().key);
    }
  }

  std::shared_ptr<const ClientCore> core_;
  CallOptions options_;
  std::optional<Error> configuration_error_;
};

}  // namespace sessionvitals

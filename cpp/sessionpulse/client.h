#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sessionpulse/errors.h"
#include "sessionpulse/options.h"
#include "sessionpulse/provider.h"
#include "sessionpulse/session.h"

/// The three arrows in a row: build, carry, parse.
///
///     Client            any provider, in our words: probe()
///     TiunClient        tiun_client.h: verify()
///     PingClient        ping_client.h: session_status()
///     ElizaClient       eliza_client.h: get_session()
namespace sessionpulse {

namespace engine {
class Transport;
}

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
/// made by with_options(), are cheap and share the connections.
class Client {
 public:
  /// Never fails: what is wrong with the options is configuration_error(), and
  /// what every call then returns.
  Client(const Provider& provider, ClientOptions options);

  const std::optional<Error>& configuration_error() const { return configuration_error_; }
  const Provider& provider() const { return *provider_; }
  const std::string& base_url() const { return base_url_; }

  /// Asks for one session's state and waits for the answer. What the vendor may
  /// properly say of a session, "no such session" included, is a Session; fails
  /// with any error of errors.h but those for 404 and 410.
  Result<Session> probe(std::string_view session_id, const CallOptions& options = {}) const;

  /// Returns a client that differs in the options that are set.
  Client with_options(const CallOptions& options) const { return view_of(*this, options); }

 protected:
  template <class Derived>
  static Derived view_of(const Derived& client, const CallOptions& options) {
    Derived view = client;
    view.override_options(options);
    return view;
  }

  using Build = Result<Request> (*)(std::string_view session_id, const Credential& credential);
  template <class Answer>
  using Parse = Result<Answer> (*)(std::string_view session_id, const Response& response);

  /// Carries one operation: sends what `build` writes for the session, and
  /// returns what `parse` reads from the response, with the report of the call.
  template <class Answer>
  Result<Answer> call(Build build, Parse<Answer> parse, std::string_view session_id,
                      const CallOptions& options) const {
    auto carried = carry(build, session_id, options);
    if (!carried.response) return finish(std::move(carried.response).error(), carried);
    auto answer = parse(session_id, *carried.response);
    if (!answer) return finish(std::move(answer).error(), carried);
    attach(*answer, carried.report);
    return answer;
  }

 private:
  friend class BulkProbe;
  struct Plan;  // client_plan.h

  struct Carried {
    Result<Response> response;
    std::shared_ptr<const CallReport> report;  // nullptr if nothing was tried
  };

  void override_options(const CallOptions& options);
  Result<Plan> plan(Build build, std::string_view session_id, const CallOptions& options) const;
  Carried carry(Build build, std::string_view session_id, const CallOptions& options) const;
  Result<Session> conclude(std::string_view session_id, Result<Response> response,
                           std::shared_ptr<CallReport> report) const;
  Error finish(Error error, const Carried& carried) const;
  static void attach(Detail& answer, const std::shared_ptr<const CallReport>& report);
  static void attach(Session& answer, const std::shared_ptr<const CallReport>& report);

  const Provider* provider_;
  Credential credential_;
  std::string base_url_;
  CallOptions options_;
  std::shared_ptr<const engine::Transport> transport_;  // nullptr if configuration_error_
  std::optional<Error> configuration_error_;
};

}  // namespace sessionpulse

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sessionvitals/client/client.h"
#include "sessionvitals/engine/call/custom_call.h"
#include "sessionvitals/engine/pool_transport.h"

/// How the library's own drivers of many calls (bulk.cpp) reach the engine through
/// a client. Not installed.
namespace sessionvitals {

/// What a client and all its views have in common.
struct ClientCore {
  const Provider* provider;
  Credential credential;
  std::string base_url;
  // One of the two, unless the client is misconfigured.
  std::shared_ptr<const engine::PoolTransport> transport;
  std::optional<engine::CustomEndpoint> custom;
};

/// What the engine needs for a call besides the request.
struct CallPlan {
  engine::CallPolicy policy;
  Clock::duration timeout;  // for the whole call
  std::optional<CancelToken> cancel;
  bool (*is_interrupted)() = nullptr;
  std::vector<Header> trace_headers;  // of every request

  void add_headers(Request& request) const {
    request.headers.insert(request.headers.end(), trace_headers.begin(), trace_headers.end());
  }
};

/// Returns the call's options, with the client's for what they leave out. Fails
/// with the client's configuration error, or what is wrong with the options.
Result<CallPlan> plan_call(const Client& client, const OperationTraits& operation,
                           const CallOptions& options);

/// Returns why a client with a custom transport cannot do `what`, which is more than one
/// answer for one request, or without waiting; nothing for any other client.
std::optional<Error> refuse_custom_transport(const ClientCore& core, std::string_view what);

/// Returns what the engine brought as Client::finish() takes it: the report names
/// the operation and has no secret in it, and the response has a date.
Exchange receive(const ClientCore& core, const OperationTraits& operation,
                 Result<Response>&& response, std::shared_ptr<CallReport> report);

}  // namespace sessionvitals

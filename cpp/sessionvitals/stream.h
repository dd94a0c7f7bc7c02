#pragma once

#include <string_view>

#include "sessionvitals/effect.h"
#include "sessionvitals/errors.h"
#include "sessionvitals/http.h"
#include "sessionvitals/operation.h"
#include "sessionvitals/server_sent_event.h"

/// One call of a vendor's API that is answered by a stream of events, as data: the
/// sibling of Operation. Client::open() makes it.
namespace sessionvitals {

/// The functions are pure, as those of an Operation.
template <class Question_, class Event_>
struct Stream {
  using Question = Question_;
  using Event = Event_;

  std::string_view name;  // the vendor's own word, "events": in reports and logs
  Effect effect;

  /// Writes the request. Fails with a ConfigurationError if the question or the
  /// credential cannot be sent.
  Result<Request> (*build)(const Question& question, const Credential& credential);

  /// Reads one event. Fails with a ContractError if it breaks the contract.
  Result<Event> (*parse_event)(const Question& question, const ServerSentEvent& event);

  /// Says what a response means that is no stream: an HttpStatusError, if the vendor
  /// refused, or a ContractError.
  Error (*parse_error)(const Question& question, const Response& response);

  constexpr OperationTraits traits() const { return {name, effect}; }
};

}  // namespace sessionvitals

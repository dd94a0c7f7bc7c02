#pragma once

#include <optional>
#include <string>

#include "sessionvitals/errors.h"
#include "sessionvitals/http.h"
#include "sessionvitals/result.h"

/// Writes requests as they go on the wire (RFC 9112). Pure.
namespace sessionvitals::engine {

/// What all requests to one base URL have in common.
struct Destination {
  std::string target_prefix;        // of every target: "/v2", or "http://host/v2" for a proxy
  std::string host;                 // what the Host header says
  std::string proxy_authorization;  // for a proxy on the way; empty: none
};

/// Appends the request to `wire`: its head, then its body. Host and Content-Length
/// are written here and those of the request left out; Content-Length goes with
/// every body and with every POST, PUT and PATCH; User-Agent is added if the
/// request has none.
///
/// Returns a ConfigurationError, and leaves `wire` as it was, for what cannot be
/// sent as it is: a method or header name that is no token, a header value with a
/// line break or another control character, a target that is not percent-encoded
/// or is longer than 8000 bytes. No error shows a value, which may be a credential.
std::optional<Error> append_request(const Request& request, const Destination& destination,
                                    std::string& wire);

/// Returns the request with the prefix before its target and with the headers that it
/// has on the wire, but for Host and Content-Length; or the error of append_request().
Result<Request> complete_request(Request request, const std::string& target_prefix);

}  // namespace sessionvitals::engine

#pragma once

#include <memory>
#include <string>

#include "sessionvitals/context.h"
#include "sessionvitals/errors.h"
#include "sessionvitals/http.h"
#include "sessionvitals/options.h"
#include "sessionvitals/report.h"
#include "sessionvitals/result.h"

/// The way from a request to a response, as one method, for users who bring an
/// HTTP implementation of their own: give it to a client as custom_transport.
///
///     default_transport()                   the library's own connections, to wrap
///     transports/httplib_transport.h        cpp-httplib
namespace sessionvitals {

/// Makes single attempts. Around it the client does what it always does: it checks
/// requests, retries, waits in front of a closed gate, and writes the report.
///
/// Its limits: a client with a custom transport has no begin(), open() or BulkProbe
/// (each fails with a ConfigurationError), and keeps its timeout and its cancel as
/// far as the transport does. Of how many bytes were sent the client knows nothing,
/// so may_have_taken_effect() is true as soon as an attempt got to the phase send.
class Transport {
 public:
  virtual ~Transport() = default;

  /// Sends the request once, and waits for the whole response. Any HTTP status is a
  /// success. No redirect may be followed.
  ///
  /// `origin` is "https://api.example.com:443", always with the port. The request has
  /// all headers but Host, Content-Length and those of the connection; its target has
  /// the prefix of the base URL and is percent-encoded already; headers with is_secret
  /// must not be logged. `context` says until when, when to give up early, and how
  /// long the body may be: a longer one is an Error of a Violation. To
  /// `attempt` go address, reused, tls_version and the counts of bytes, where they are
  /// known; the client fills in the rest.
  ///
  /// Fails with an Error(ErrorKind::transport_error, phase, message): `phase` says
  /// how far it came, and send or receive means that the peer may have the request.
  /// Or with another error of errors.h, which is final. An exception counts as a
  /// failure in the phase receive. Called from many threads at once.
  virtual Result<Response> send(const std::string& origin, const Request& request,
                                const Context& context, Attempt& attempt) const = 0;
};

/// Returns the library's own way of making one attempt, for transports that add
/// something to it: a log, a signature, a recording. Fails at each attempt with a
/// ConfigurationError if an option is wrong.
std::shared_ptr<const Transport> default_transport(TransportOptions options = {});

}  // namespace sessionvitals

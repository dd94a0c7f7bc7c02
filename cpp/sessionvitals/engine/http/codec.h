#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sessionvitals/engine/http/framing.h"
#include "sessionvitals/errors.h"
#include "sessionvitals/http.h"

/// Where cpp-httplib speaks HTTP: it writes every request and decodes every
/// response, over memory. The only code here that includes its header. It moves
/// no byte itself and keeps no time.
///
/// What the library is given of a response is written anew from what head.h has
/// checked: the status, how the body ends, and the body's bytes. Header fields
/// stay with us: 0.11.4 percent-decodes their values and drops empty ones, and
/// its regular expression on the status line is what the published attacks aim at.
///
/// What it has answered once it is not asked again: how a request with the same
/// headers is written (EncodingCache), and that a status with a plain body gives
/// that body. Chunks it decodes each time.
///
/// A body is never decompressed: none was asked to be compressed, a bomb stays as
/// small as it came, and a compressed page of an outage cannot hide its status.
namespace sessionvitals::engine {

/// A request as it goes on the wire, but for its target.
struct EncodedRequest {
  std::string before_target;  // "GET "
  std::string after_target;   // " HTTP/1.1" and the head; the body follows as it is
};

/// Writes a request. `host` is what the Host header says; `proxy_authorization`
/// is for a proxy on the way, or empty. Fails with a ConfigurationError for a
/// method, header name or header value that cannot be sent as it is (a line
/// break in a key, for one).
Result<EncodedRequest> encode_request(const Request& request, const std::string& host,
                                      const std::string& proxy_authorization);

/// Returns what is wrong with a request's target, if it cannot be sent as it is.
std::optional<Error> check_target(std::string_view target);

/// Decodes the response that the reader has found to be whole in the buffer.
/// Returns nothing if the library does not take it, which the checks before it
/// should make impossible.
std::optional<Response> decode_response(std::string_view buffer, const MessageReader& reader);

/// Remembers how the last few requests with the same method, headers and length
/// were written, so that only the target is new. Safe to use from many threads.
class EncodingCache {
 public:
  /// `proxy_authorization` goes with every request, unless it is empty.
  EncodingCache(std::string host, std::string proxy_authorization);
  ~EncodingCache();

  /// Returns the encoding of the request, from memory if it is there. Fails as
  /// encode_request does.
  Result<std::shared_ptr<const EncodedRequest>> find_or_encode(const Request& request);

 private:
  struct Entries;
  const std::string host_;
  const std::string proxy_authorization_;
  std::unique_ptr<Entries> entries_;
};

/// Returns the version of cpp-httplib that this was built against.
std::string_view codec_version();

}  // namespace sessionvitals::engine

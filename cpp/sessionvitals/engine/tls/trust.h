#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sessionvitals/errors.h"
#include "sessionvitals/options.h"

/// Where to look for the CAs to trust, in which order. Looks at files, and knows
/// nothing of TLS.
namespace sessionvitals::engine {

struct TrustPlace {
  std::string path;
  bool is_directory = false;
  std::string source;        // "ca_file", "SSL_CERT_FILE", "the system", "fallback_ca_file"
  bool is_required = false;  // named by somebody: if it cannot be read, that is an error

  bool operator==(const TrustPlace&) const = default;
};

/// Returns the places in order: ca_file alone if it is set; else SSL_CERT_FILE
/// and SSL_CERT_DIR as far as they are set and the options heed the
/// environment; else the first that exists of those where systems are known to
/// keep them; else fallback_ca_file if it is set.
std::vector<TrustPlace> find_trust_places(const TransportOptions& options);

/// Returns a ConfigurationError if a file or folder that the options or the environment name is not
/// there, cannot be read, or is of another kind: opening a FIFO would wait for ever.
std::optional<Error> check_tls_files(const TransportOptions& options);

/// Returns the system's known places, whether they exist or not.
const std::vector<TrustPlace>& known_trust_places();

}  // namespace sessionvitals::engine

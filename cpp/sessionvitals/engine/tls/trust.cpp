#include "sessionvitals/engine/tls/trust.h"

#include <unistd.h>

#include <cstdlib>

namespace sessionvitals::engine {

namespace {
[[maybe_unused]] const auto& made_when_loaded = known_trust_places();  // see fork.h
}

const std::vector<TrustPlace>& known_trust_places() {
  // The list that Go's crypto/x509 carries, less the systems that this does not
  // run on: Debian, Fedora, openSUSE, older RHEL, newer RHEL, Alpine and macOS.
  static const auto& places = *new std::vector<TrustPlace>{
      {"/etc/ssl/certs/ca-certificates.crt", false, "the system"},
      {"/etc/pki/tls/certs/ca-bundle.crt", false, "the system"},
      {"/etc/ssl/ca-bundle.pem", false, "the system"},
      {"/etc/pki/tls/cacert.pem", false, "the system"},
      {"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", false, "the system"},
      {"/etc/ssl/cert.pem", false, "the system"},
      {"/etc/ssl/certs", true, "the system"},
      {"/etc/pki/tls/certs", true, "the system"},
  };
  return places;
}

std::vector<TrustPlace> find_trust_places(const TransportOptions& options) {
  if (!options.ca_file.empty()) return {{options.ca_file, false, "ca_file", true}};
  std::vector<TrustPlace> places;
  if (options.trust_env) {
    const auto add = [&](const char* variable, bool is_directory) {
      const char* value = std::getenv(variable);
      if (value != nullptr && *value != '\0') {
        places.push_back({value, is_directory, variable, true});
      }
    };
    add("SSL_CERT_FILE", false);
    add("SSL_CERT_DIR", true);
    if (!places.empty()) return places;
  }
  for (const TrustPlace& place : known_trust_places()) {
    if (::access(place.path.c_str(), R_OK) != 0) continue;
    places.push_back(place);
    break;  // they hold the same CAs in different forms
  }
  return places;
}

}  // namespace sessionvitals::engine

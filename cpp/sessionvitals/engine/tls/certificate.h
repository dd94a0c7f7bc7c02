#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sessionvitals/timestamp.h"

/// What a certificate says, for people: nothing here is verified, and no call
/// depends on it.
namespace sessionvitals::engine {

struct Certificate {
  std::string subject;             // "CN = api.example.com, O = Example"
  std::string issuer;              // the same, of who signed it
  std::vector<std::string> names;  // the hosts it is for: names and addresses
  Timestamp not_before{};
  Timestamp not_after{};

  bool operator==(const Certificate&) const = default;
};

/// Reads a certificate in DER; nothing if it is none.
std::optional<Certificate> read_certificate(std::string_view der);

/// Returns the name and version of the TLS library that is loaded.
std::string tls_library_version();

}  // namespace sessionvitals::engine

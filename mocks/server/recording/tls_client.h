// TLS towards a real server, verified against a file of authorities, or else against the machine's
// or SSL_CERT_FILE.
#pragma once

#include <memory>
#include <string>

#include "recording/upstream.h"
#include "wire/tls.h"

namespace mock {

/// Shakes hands over a connected, blocking socket. Null with `problem` set when it fails.
std::unique_ptr<TlsSession> connect_tls(int socket, const Upstream& upstream, std::string& problem);

/// Whether certificates can be read from the file.
bool holds_authorities(const std::string& ca_file);

}  // namespace mock

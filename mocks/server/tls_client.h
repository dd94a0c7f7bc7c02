// TLS towards a real server, verified against the machine's authorities or SSL_CERT_FILE.
#pragma once

#include <memory>
#include <string>

#include "tls.h"

namespace mock {

/// Shakes hands over a connected, blocking socket. Null with `problem` set when it fails.
std::unique_ptr<TlsSession> connect_tls(int socket, const std::string& host, std::string& problem);

}  // namespace mock

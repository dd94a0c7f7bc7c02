// A throw-away certificate authority and one certificate signed by it.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace mock {

struct OpensslFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using KeyPointer = std::unique_ptr<EVP_PKEY, OpensslFree>;
using CertificatePointer = std::unique_ptr<X509, OpensslFree>;

struct Identity {
  KeyPointer key;
  CertificatePointer certificate;
};

/// Null members when OpenSSL refuses.
Identity make_authority();

/// For localhost, 127.0.0.1, ::1 and `host`.
Identity make_server_identity(const Identity& authority, const std::string& host);

}  // namespace mock

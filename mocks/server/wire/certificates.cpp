#include "wire/certificates.h"

#include <arpa/inet.h>
#include <openssl/ec.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

namespace mock {

namespace {

// A day before now, so that a client whose clock is a little behind still takes it.
constexpr long kNotBefore = -86400;
constexpr long kNotAfter = 30 * 86400;

bool add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  if (extension == nullptr) return false;
  const bool added = X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

void set_name(X509_NAME* name, const char* common_name) {
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(common_name), -1, -1, 0);
}

Identity unsigned_identity(const char* common_name) {
  Identity identity{KeyPointer(EVP_EC_gen("P-256")), CertificatePointer(X509_new())};
  X509* certificate = identity.certificate.get();
  if (!identity.key || certificate == nullptr) return {};
  unsigned char serial[8];
  RAND_bytes(serial, sizeof serial);
  serial[0] &= 0x7f;  // a serial number is positive
  BIGNUM* number = BN_bin2bn(serial, sizeof serial, nullptr);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
  BN_free(number);
  X509_set_version(certificate, X509_VERSION_3);
  X509_gmtime_adj(X509_getm_notBefore(certificate), kNotBefore);
  X509_gmtime_adj(X509_getm_notAfter(certificate), kNotAfter);
  X509_set_pubkey(certificate, identity.key.get());
  set_name(X509_get_subject_name(certificate), common_name);
  return identity;
}

std::string alternative_names(const std::string& host) {
  std::string names = "DNS:localhost,IP:127.0.0.1,IP:::1";
  in6_addr address;
  const bool is_address = inet_pton(AF_INET, host.c_str(), &address) == 1 ||
                          inet_pton(AF_INET6, host.c_str(), &address) == 1;
  return names.append(is_address ? ",IP:" : ",DNS:").append(host);
}

}  // namespace

Identity make_authority() {
  Identity authority = unsigned_identity("sessionvitals-mock throw-away CA");
  if (!authority.key) return {};
  X509* certificate = authority.certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  const bool good =
      add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE") &&
      add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign") &&
      add_extension(certificate, certificate, NID_subject_key_identifier, "hash") &&
      X509_sign(certificate, authority.key.get(), EVP_sha256()) > 0;
  return good ? std::move(authority) : Identity{};
}

Identity make_server_identity(const Identity& authority, const std::string& host) {
  Identity identity = unsigned_identity("sessionvitals-mock");
  if (!identity.key || !authority.key) return {};
  X509* certificate = identity.certificate.get();
  X509* issuer = authority.certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  const bool good =
      add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
      add_extension(certificate, issuer, NID_key_usage, "critical,digitalSignature") &&
      add_extension(certificate, issuer, NID_ext_key_usage, "serverAuth") &&
      add_extension(certificate, issuer, NID_subject_alt_name, alternative_names(host)) &&
      add_extension(certificate, issuer, NID_authority_key_identifier, "keyid") &&
      X509_sign(certificate, authority.key.get(), EVP_sha256()) > 0;
  return good ? std::move(identity) : Identity{};
}

}  // namespace mock

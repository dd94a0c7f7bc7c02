#include "sessionvitals/engine/tls/certificate.h"

#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <openssl/x509v3.h>

#include <array>
#include <ctime>

#include "sessionvitals/engine/tls/state.h"

namespace sessionvitals::engine {
namespace {

std::string name_in_words(const X509_NAME* name) {
  const Owned<BIO, BIO_free_all> memory(BIO_new(BIO_s_mem()));
  if (memory == nullptr) return {};
  // One line, as in "CN = a, O = b", in UTF-8 and with control characters escaped.
  X509_NAME_print_ex(memory.get(), name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string();
}

std::optional<Timestamp> to_timestamp(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  return Timestamp(std::chrono::seconds(::timegm(&parts)));
}

std::string address_in_words(const ASN1_OCTET_STRING* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = ASN1_STRING_length(address) == 4 ? AF_INET : AF_INET6;
  if (family == AF_INET6 && ASN1_STRING_length(address) != 16) return {};
  ::inet_ntop(family, ASN1_STRING_get0_data(address), text.data(), text.size());
  return text.data();
}

void free_names(GENERAL_NAMES* names) { GENERAL_NAMES_free(names); }

std::vector<std::string> hosts_of(const X509* certificate) {
  std::vector<std::string> hosts;
  const Owned<GENERAL_NAMES, free_names> names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS) {
      const auto* text = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName));
      hosts.emplace_back(text, static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
    } else if (name->type == GEN_IPADD) {
      hosts.push_back(address_in_words(name->d.iPAddress));
    }
  }
  return hosts;
}

}  // namespace

std::optional<Certificate> read_certificate(std::string_view der) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  const Owned<X509, X509_free> read(d2i_X509(nullptr, &bytes, static_cast<long>(der.size())));
  if (read == nullptr) return std::nullopt;
  const auto not_before = to_timestamp(X509_get0_notBefore(read.get()));
  const auto not_after = to_timestamp(X509_get0_notAfter(read.get()));
  if (!not_before || !not_after) return std::nullopt;
  return Certificate{.subject = name_in_words(X509_get_subject_name(read.get())),
                     .issuer = name_in_words(X509_get_issuer_name(read.get())),
                     .names = hosts_of(read.get()),
                     .not_before = *not_before,
                     .not_after = *not_after};
}

std::string tls_library_version() { return OpenSSL_version(OPENSSL_VERSION); }

}  // namespace sessionvitals::engine

#include "browser/capability.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <stdexcept>

namespace mock {

namespace {

using Secret = std::array<unsigned char, 32>;

// Not of the seed: who knows the seed is not to know this.
const Secret& secret() {
  static const Secret kSecret = [] {
    Secret bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
      throw std::runtime_error("the system has no random bytes");
    }
    return bytes;
  }();
  return kSecret;
}

}  // namespace

std::string capability_of(std::string_view space) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  HMAC(EVP_sha256(), secret().data(), static_cast<int>(secret().size()),
       reinterpret_cast<const unsigned char*>(space.data()), space.size(), digest.data(), &size);
  std::string text;
  for (std::size_t i = 0; i < 16; ++i) {
    text += "0123456789abcdef"[digest[i] >> 4];
    text += "0123456789abcdef"[digest[i] & 15];
  }
  return text;
}

bool is_capability(std::string_view given, std::string_view space) {
  const std::string own = capability_of(space);
  return given.size() == own.size() && CRYPTO_memcmp(given.data(), own.data(), own.size()) == 0;
}

}  // namespace mock

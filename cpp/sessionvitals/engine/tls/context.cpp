#include <openssl/crypto.h>
#include <openssl/err.h>

#include <atomic>
#include <map>
#include <mutex>
#include <optional>

#include "sessionvitals/engine/tls/state.h"
#include "sessionvitals/engine/tls/trust.h"

namespace sessionvitals::engine {
namespace {

std::atomic<std::uint64_t> load_count{0};

Error configuration_error(const std::string& message) {
  return {ErrorKind::configuration_error, message};
}

/// Loads the CAs from the places; returns what is wrong if none could be.
std::optional<Error> load_trust(SSL_CTX* context, const std::vector<TrustPlace>& places,
                                std::string& trusted) {
  ++load_count;
  std::string tried;
  for (const TrustPlace& place : places) {
    ERR_clear_error();
    const char* path = place.path.c_str();
    const bool is_loaded = (place.is_directory ? SSL_CTX_load_verify_dir(context, path)
                                               : SSL_CTX_load_verify_file(context, path)) == 1;
    if (!tried.empty()) tried += ", ";
    tried += place.path + " (" + place.source + (is_loaded ? "" : ": " + openssl_reason()) + ")";
    if (is_loaded) {
      trusted = tried;
    } else if (place.is_required) {
      return configuration_error("The CA certificates cannot be loaded from " + tried +
                                 ". Give the path of a PEM file with at least one certificate.");
    }
  }
  ERR_clear_error();
  if (!trusted.empty()) return std::nullopt;
  for (const TrustPlace& place : known_trust_places()) {
    tried += (tried.empty() ? "" : ", ") + place.path;
  }
  return configuration_error(
      "No CA certificates were found; tried ca_file, SSL_CERT_FILE, SSL_CERT_DIR, " + tried +
      ". Install the system's CA certificates (on Debian: ca-certificates) or, for Python, "
      "certifi; "
      "or name a PEM file by ca_file= or SSL_CERT_FILE.");
}

std::optional<Error> load_client_certificate(SSL_CTX* context, const TransportOptions& options) {
  const std::string& certificate = options.client_certificate_file;
  if (certificate.empty()) return std::nullopt;
  const std::string& key = options.client_key_file.empty() ? certificate : options.client_key_file;
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) {
    return configuration_error("The client certificate cannot be loaded from " + certificate +
                               " (" + openssl_reason() + "). Give the path of a PEM file.");
  }
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return configuration_error("The client key cannot be loaded from " + key + " (" +
                               openssl_reason() +
                               "). Give the path of a PEM file with the key of the certificate, "
                               "not encrypted.");
  }
  return std::nullopt;
}

// A wheel's OpenSSL must not read the host's openssl.cnf, which is written for another build. One
// that is the system's heeds the system's policy.
void initialise() {
#ifdef SESSIONVITALS_BUNDLED_OPENSSL
  OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
#endif
}

Result<std::shared_ptr<TlsContext>> load(const TransportOptions& options) {
  initialise();
  // Again, as they may have changed since the client was made: a FIFO would hang us here.
  if (auto error = check_tls_files(options)) return *std::move(error);
  auto state = std::make_unique<TlsContext::State>();
  state->context.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* context = state->context.get();
  if (context == nullptr) return configuration_error("OpenSSL cannot make a TLS context.");
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, keep_tls_session);
  if (auto error = load_trust(context, find_trust_places(options), state->trusted)) {
    return *std::move(error);
  }
  if (auto error = load_client_certificate(context, options)) return *std::move(error);
  return std::make_shared<TlsContext>(std::move(state));
}

struct Contexts {
  ForkSafeMutex mutex;
  std::map<std::string, std::shared_ptr<TlsContext>> loaded;
};

Contexts& contexts() {
  static auto* made = new Contexts;
  return *made;
}
[[maybe_unused]] const Contexts& made_when_loaded = contexts();  // see fork.h

// Held while CAs are loaded, and only where there is no fork.
std::mutex loading;

std::string key_of(const TransportOptions& options) {
  std::string key = options.client_certificate_file + '\n' + options.client_key_file;
  for (const TrustPlace& place : find_trust_places(options)) key += '\n' + place.path;
  return key;
}

}  // namespace

std::string openssl_reason() {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
  return reason != nullptr ? reason : "no reason given";
}

Result<std::shared_ptr<TlsContext>> TlsContext::find_or_load(const TransportOptions& options) {
  const std::string key = key_of(options);
  Contexts& known = contexts();
  {
    const std::lock_guard lock(known.mutex);
    if (const auto found = known.loaded.find(key); found != known.loaded.end()) {
      return found->second;
    }
  }
  // 64 connections that begin at once must not load 64 times; and who comes second
  // has a deadline to look at meanwhile. A fork waits for as long as it takes, some
  // tens of milliseconds.
  const ForkBlocker guard;
  const std::unique_lock one_at_a_time(loading, std::try_to_lock);
  if (!one_at_a_time) return std::shared_ptr<TlsContext>();
  {
    const std::lock_guard lock(known.mutex);
    if (const auto found = known.loaded.find(key); found != known.loaded.end()) {
      return found->second;
    }
  }
  Result<std::shared_ptr<TlsContext>> fresh = load(options);
  if (!fresh) return fresh;
  const std::lock_guard lock(known.mutex);
  known.loaded[key] = *fresh;
  return fresh;
}

std::uint64_t TlsContext::loads() { return load_count.load(); }

TlsContext::TlsContext(std::unique_ptr<State> state) : state_(std::move(state)) {}

TlsContext::~TlsContext() {
  const ForkBlocker guard;
  state_.reset();
}

std::string tls_library_version() { return OpenSSL_version(OPENSSL_VERSION); }

bool is_tls_library_bundled() {
#ifdef SESSIONVITALS_BUNDLED_OPENSSL
  return true;
#else
  return false;
#endif
}

}  // namespace sessionvitals::engine

#include "sessionvitals/engine/tls/trust.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

namespace sessionvitals::engine {

namespace {

/// Says what is wrong with a path; nothing if it is a readable file, or folder, as it should be.
std::string find_flaw(const std::string& path, bool is_directory) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || ::access(path.c_str(), R_OK) != 0) {
    return "cannot be read (" + std::system_category().message(errno) + ")";
  }
  if (is_directory) return S_ISDIR(status.st_mode) ? "" : "is not a folder";
  if (S_ISREG(status.st_mode)) return "";
  return S_ISDIR(status.st_mode) ? "is a folder" : "is not a regular file";
}

/// Returns the first entry by which OpenSSL could look a CA up ("0a1b2c3d.0") and that would make
/// it wait for ever; empty if there is none.
std::string find_hanging_entry(const std::string& folder) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    const bool is_hash = name.find_first_not_of("0123456789abcdef") == 8 && name[8] == '.';
    if (is_hash && std::filesystem::is_other(entry.status(ignored))) return name;
  }
  return "";
}

/// The same for a list of folders between colons, as OpenSSL reads SSL_CERT_DIR: it skips those
/// that are not there, but not all of them may be, unless a file is named as well.
std::string find_flaw_of_folders(const std::string& list, bool is_beside_a_file) {
  std::string flaw;
  bool has_one = false;
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t end = std::min(list.find(':', at), list.size());
    const std::string folder = list.substr(at, end - at);
    const std::string found = find_flaw(folder, true);
    if (const std::string entry = find_hanging_entry(folder); !entry.empty()) {
      return "has an entry that is not a regular file, " + entry;
    }
    has_one = has_one || found.empty();
    if (flaw.empty()) flaw = found;
    at = end + 1;
  }
  return has_one || is_beside_a_file ? "" : flaw;
}

std::optional<Error> to_error(const std::string& source, const std::string& path,
                              const std::string& flaw, bool is_directory) {
  if (flaw.empty()) return std::nullopt;
  return Error(ErrorKind::configuration_error,
               "The " + source + " " + path + " " + flaw + ". Give the path of a " +
                   (is_directory ? "folder of CA certificates." : "PEM file."));
}

[[maybe_unused]] const auto& made_when_loaded = known_trust_places();  // see fork.h
}  // namespace

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
  if (places.empty() && !options.fallback_ca_file.empty()) {
    places.push_back({options.fallback_ca_file, false, "fallback_ca_file", false});
  }
  return places;
}

std::optional<Error> check_tls_files(const TransportOptions& options) {
  const std::vector<TrustPlace> places = find_trust_places(options);
  for (const TrustPlace& place : places) {
    if (!place.is_required) continue;
    const std::string flaw = place.is_directory
                                 ? find_flaw_of_folders(place.path, places.size() > 1)
                                 : find_flaw(place.path, false);
    if (auto error = to_error(place.source, place.path, flaw, place.is_directory)) return error;
  }
  const std::pair<const char*, const std::string&> files[] = {
      {"client_certificate_file", options.client_certificate_file},
      {"client_key_file", options.client_key_file},
  };
  for (const auto& [name, path] : files) {
    if (path.empty()) continue;
    if (auto error = to_error(name, path, find_flaw(path, false), false)) return error;
  }
  return std::nullopt;
}

}  // namespace sessionvitals::engine

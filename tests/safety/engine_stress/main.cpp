// sessionvitals_engine_stress PART COUNT [SEED]
// sessionvitals_engine_stress retry_vectors FILE
//
// Prints one JSON object, and exits with 0 if the part's promise was kept.

#include <dirent.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

#include "stress.h"

namespace stress {
namespace {

std::size_t count_entries(const char* directory) {
  std::size_t count = 0;
  DIR* opened = ::opendir(directory);
  if (opened == nullptr) return 0;
  while (const dirent* entry = ::readdir(opened)) {
    if (entry->d_name[0] != '.') ++count;
  }
  ::closedir(opened);
  return count;
}

}  // namespace

std::size_t count_descriptors() { return count_entries("/proc/self/fd") - 1; }

std::size_t count_threads() { return count_entries("/proc/self/task"); }

std::chrono::nanoseconds time_not_let() {
  long long ran = 0;
  long long waited = 0;
  std::FILE* file = std::fopen("/proc/thread-self/schedstat", "r");
  if (file == nullptr) return {};
  if (std::fscanf(file, "%lld %lld", &ran, &waited) != 2) waited = 0;
  std::fclose(file);
  return std::chrono::nanoseconds(waited);
}

sessionvitals::Request request_of(const std::string& target, const std::string& method) {
  return {method, target, {{"Authorization", "canary", true}, {"Accept", "application/json"}}, ""};
}

std::shared_ptr<const sessionvitals::engine::PoolTransport> open(
    const std::string& base_url, const sessionvitals::TransportOptions& options) {
  auto transport = sessionvitals::engine::PoolTransport::open(base_url, options);
  if (!transport) {
    std::fprintf(stderr, "%s\n", transport.error().message().c_str());
    std::exit(2);
  }
  return *transport;
}

}  // namespace stress

/// Asked for by ThreadSanitizer. OpenSSL is not compiled with it, so that it sees
/// OpenSSL's frees and copies and not the atomic counts that put them in order.
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
  return "called_from_lib:libssl.so\ncalled_from_lib:libcrypto.so\n";
}

int main(int argument_count, char** arguments) {
  const std::map<std::string, bool (*)(std::size_t, std::uint64_t)> parts = {
      {"plans", stress::run_plans},       {"cancels", stress::run_cancels},
      {"forks", stress::run_forks},       {"sent_once", stress::run_sent_once},
      {"messages", stress::run_messages}, {"plans_by_reactor", stress::run_plans_by_reactor},
      {"tls", stress::run_tls},           {"rules", stress::run_rules},
  };
  if (argument_count < 3) {
    std::fprintf(stderr, "usage: %s PART COUNT [SEED], or retry_vectors FILE\n", arguments[0]);
    return 2;
  }
  const std::string part = arguments[1];
  if (part == "retry_vectors") return stress::run_retry_vectors(arguments[2]) ? 0 : 1;
  const auto found = parts.find(part);
  if (found == parts.end()) {
    std::fprintf(stderr, "no such part: %s\n", part.c_str());
    return 2;
  }
  const auto count = static_cast<std::size_t>(std::strtoull(arguments[2], nullptr, 10));
  const std::uint64_t seed = argument_count > 3 ? std::strtoull(arguments[3], nullptr, 10) : 1;
  return found->second(count, seed) ? 0 : 1;
}

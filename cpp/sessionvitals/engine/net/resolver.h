#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sessionvitals/engine/drivers/wait.h"

/// From a host's name to its addresses, without ever holding up the caller:
/// getaddrinfo knows no deadline, so it runs on one of a few threads of our own,
/// and who waits for it polls a descriptor and may walk away.
namespace sessionvitals::engine {

/// One address to connect to, with its port.
struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  bool is_v6() const { return storage.ss_family == AF_INET6; }
};

/// Returns "127.0.0.1:443" or "[::1]:443".
std::string format_address(const Address& address);

/// What a lookup came to.
struct Resolved {
  std::vector<Address> addresses;
  std::string error;  // in words, if there are none
};

/// One name being looked up. Dropping it walks away from the lookup, which may
/// go on without anyone.
class Lookup {
 public:
  /// Begins to look the name up. A numeric address is there at once, without a
  /// thread.
  Lookup(const std::string& host, int port);
  ~Lookup();
  Lookup(const Lookup&) = delete;
  Lookup& operator=(const Lookup&) = delete;

  /// Returns true once result() may be asked.
  bool is_done() const;
  Resolved& result();

  /// Becomes readable when it is done.
  int descriptor() const;

  struct Job;
  struct Waiter;

 private:
  const std::uint32_t generation_;
  std::shared_ptr<Waiter> waiter_;
  std::shared_ptr<Job> job_;  // which other callers may share
};

/// How a name is looked up; replaced by tests, which then can let it hang.
using LookupFunction = std::function<Resolved(const std::string& host, int port)>;

/// Replaces how names are looked up from now on; nullptr restores getaddrinfo.
void set_lookup_function(LookupFunction function);

/// Looks a name up by getaddrinfo, in the caller's own thread.
Resolved look_up_and_wait(const std::string& host, int port);

/// At most this many lookups run at once, and at most so many of one host, so that a host whose
/// lookups hang leaves threads to the others. Callers that ask for a host share its lookups.
inline constexpr int kMaxResolverThreads = 16;
inline constexpr int kMaxThreadsPerHost = 2;

}  // namespace sessionvitals::engine

#include "sessionvitals/engine/net/resolver.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <optional>
#include <system_error>
#include <thread>

#include "sessionvitals/engine/drivers/core_thread.h"
#include "sessionvitals/engine/fork.h"
#include "sessionvitals/engine/net/url.h"

namespace sessionvitals::engine {

/// One caller that waits for a lookup.
struct Lookup::Waiter {
  std::optional<Wakeup> wakeup;  // none for a numeric address
  Resolved resolved;             // written before is_done is
  std::atomic<bool> is_done{false};
};

/// One lookup, and all callers that wait for it.
struct Lookup::Job {
  std::string host;
  int port = 0;
  Clock::time_point begun{};  // once a thread has it; the rest is under the service's mutex
  std::vector<std::shared_ptr<Waiter>> waiters;

  bool is_for(const Job& other) const { return host == other.host && port == other.port; }
};

namespace {

// Long enough to serve a burst, short enough not to linger in a quiet process.
constexpr std::chrono::milliseconds kThreadIdle{500};

// A caller joins a lookup that runs for no longer than this; after that a second one of the same
// host is begun beside it, in case that the first has lost its question to the name server.
constexpr std::chrono::milliseconds kJoinable{1000};

using Jobs = std::deque<std::shared_ptr<Lookup::Job>>;

/// The threads and their queue. A child of a fork has none of the threads, so it
/// gets a new one of these; the parent's stays reachable, so that leak checkers do not report it.
struct Service {
  const Service* of_parent = nullptr;
  std::mutex mutex;
  std::condition_variable has_work;
  Jobs queued;
  Jobs running;  // the one that was begun last at the end
  int threads = 0;
  int idle = 0;
  std::shared_ptr<const LookupFunction> function;

  bool may_begin(const Lookup::Job& job) const {
    const auto is_same_host = [&](const auto& other) { return other->host == job.host; };
    return std::ranges::count_if(running, is_same_host) < kMaxThreadsPerHost;
  }

  /// Returns the first job in the queue whose host has a thread left, or the end.
  Jobs::iterator find_next() {
    return std::ranges::find_if(queued, [&](const auto& job) { return may_begin(*job); });
  }

  /// Returns a lookup that a new caller may wait for, too; nullptr if it needs one of its own.
  std::shared_ptr<Lookup::Job> find_joinable(const Lookup::Job& wanted) const {
    const auto is_same = [&](const auto& other) { return other->is_for(wanted); };
    if (const auto found = std::ranges::find_if(queued, is_same); found != queued.end()) {
      return *found;
    }
    const auto last = std::find_if(running.rbegin(), running.rend(), is_same);
    if (last == running.rend()) return nullptr;
    const bool is_young = Clock::now() - (*last)->begun < kJoinable;
    return is_young || !may_begin(wanted) ? *last : nullptr;
  }
};

/// Keeps the one Service of this process, and makes it anew in a child.
class Services final : public ForkListener {
 public:
  Service& get() { return *service_; }
  ForkSafeMutex& creation() { return creation_; }

  // The lock of the old one may be held by a thread that no longer exists.
  void in_child() override {
    auto* fresh = new Service;
    fresh->function = function_;
    fresh->of_parent = service_;
    service_ = fresh;
  }

  void set_function(std::shared_ptr<const LookupFunction> function) {
    {
      const std::lock_guard lock(creation_);
      function_ = function;
    }
    const std::lock_guard lock(service_->mutex);
    service_->function = std::move(function);
  }

 private:
  ForkSafeMutex creation_;
  std::shared_ptr<const LookupFunction> function_;
  Service* service_ = new Service;
};

// Never destroyed, as the threads outlive main().
Services& services() {
  static auto* made = new Services;
  return *made;
}
[[maybe_unused]] const Services& made_when_loaded = services();  // see fork.h

Resolved look_up(const LookupFunction* function, const Lookup::Job& job) {
  try {
    return function != nullptr ? (*function)(job.host, job.port)
                               : look_up_and_wait(job.host, job.port);
  } catch (const std::exception& problem) {  // out of memory, or a test's own
    return {{}, problem.what()};
  }
}

/// Tells all who wait. Under the service's mutex.
void finish(Lookup::Job& job, const Resolved& resolved) {
  for (const auto& waiter : job.waiters) {
    waiter->resolved = resolved;
    waiter->is_done.store(true, std::memory_order_release);
    waiter->wakeup->signal();
  }
  job.waiters.clear();
}

/// Looks names up until there are none left for a while.
void serve(Service& service) {
  std::unique_lock lock(service.mutex);
  for (;;) {
    ++service.idle;
    const bool has_job = service.has_work.wait_for(
        lock, kThreadIdle, [&] { return service.find_next() != service.queued.end(); });
    --service.idle;
    if (!has_job) {
      --service.threads;
      return;
    }
    const auto next = service.find_next();
    const std::shared_ptr<Lookup::Job> job = std::move(*next);
    service.queued.erase(next);
    if (job->waiters.empty()) continue;  // all have walked away
    job->begun = Clock::now();
    service.running.push_back(job);
    const std::shared_ptr<const LookupFunction> function = service.function;
    lock.unlock();
    const Resolved resolved = look_up(function.get(), *job);
    lock.lock();
    std::erase(service.running, job);
    finish(*job, resolved);
  }
}

Address make_address(const sockaddr* from, socklen_t size) {
  Address address;
  std::memcpy(&address.storage, from, size);
  address.size = size;
  return address;
}

Resolved from_numbers(const std::string& host, int port) {
  Resolved resolved;
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(static_cast<std::uint16_t>(port));
    resolved.addresses.push_back(make_address(reinterpret_cast<const sockaddr*>(&v4), sizeof v4));
  } else if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(static_cast<std::uint16_t>(port));
    resolved.addresses.push_back(make_address(reinterpret_cast<const sockaddr*>(&v6), sizeof v6));
  }
  return resolved;
}

}  // namespace

std::string format_address(const Address& address) {
  char text[INET6_ADDRSTRLEN] = {};
  if (address.is_v6()) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&address.storage);
    ::inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof text);
    return std::string("[").append(text).append("]:") + std::to_string(ntohs(v6->sin6_port));
  }
  const auto* v4 = reinterpret_cast<const sockaddr_in*>(&address.storage);
  ::inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text);
  return std::string(text) + ":" + std::to_string(ntohs(v4->sin_port));
}

Resolved look_up_and_wait(const std::string& host, int port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const std::string service = std::to_string(port);
  const ForkDelay delay;
  // RFC 6761 s6.3, also with the dot, with which glibc does not find it in /etc/hosts.
  const std::string bare = without_final_dot(host);
  const std::string& name = bare == "localhost" || bare.ends_with(".localhost") ? bare : host;
  int problem = ::getaddrinfo(name.c_str(), service.c_str(), &hints, &found);
  if (problem != 0) {  // a machine with nothing but loopback has no "configured" address
    hints.ai_flags = 0;
    problem = ::getaddrinfo(name.c_str(), service.c_str(), &hints, &found);
  }
  Resolved resolved;
  if (problem != 0) {
    resolved.error = problem == EAI_SYSTEM ? "the system's resolver failed"
                                           : std::string(::gai_strerror(problem));
    return resolved;
  }
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    if (entry->ai_family == AF_INET || entry->ai_family == AF_INET6) {
      resolved.addresses.push_back(make_address(entry->ai_addr, entry->ai_addrlen));
    }
  }
  ::freeaddrinfo(found);
  if (resolved.addresses.empty()) resolved.error = "it has no IPv4 and no IPv6 address";
  return resolved;
}

Lookup::Lookup(const std::string& host, int port)
    : generation_(fork_generation()), waiter_(std::make_shared<Waiter>()) {
  if (is_numeric_address(host)) {
    waiter_->resolved = from_numbers(host, port);
    waiter_->is_done = true;
    return;
  }
  waiter_->wakeup.emplace();
  job_ = std::make_shared<Job>();
  job_->host = host;
  job_->port = port;
  Service& service = services().get();
  const std::lock_guard lock(service.mutex);
  if (auto joined = service.find_joinable(*job_)) {
    job_ = std::move(joined);
    job_->waiters.push_back(waiter_);
    return;
  }
  job_->waiters.push_back(waiter_);
  service.queued.push_back(job_);
  const auto startable = std::ranges::count_if(
      service.queued, [&](const auto& job) { return service.may_begin(*job); });
  if (startable > service.idle && service.threads < kMaxResolverThreads) {
    ++service.threads;
    try {
      start_thread([&service] { serve(service); }).detach();
    } catch (const std::system_error&) {
      --service.threads;
      if (service.threads == 0) {  // or one of the others will see to it
        service.queued.pop_back();
        finish(*job_, {{}, "no thread could be started to look it up"});
      }
    }
  }
  service.has_work.notify_one();
}

Lookup::~Lookup() {
  // In a forked child the job is of a service whose mutex nobody may ever give back.
  if (!job_ || generation_ != fork_generation()) return;
  const std::lock_guard lock(services().get().mutex);
  std::erase(job_->waiters, waiter_);
}

bool Lookup::is_done() const { return waiter_->is_done.load(std::memory_order_acquire); }

Resolved& Lookup::result() { return waiter_->resolved; }

int Lookup::descriptor() const { return waiter_->wakeup ? waiter_->wakeup->descriptor() : -1; }

void set_lookup_function(LookupFunction function) {
  services().set_function(function ? std::make_shared<const LookupFunction>(std::move(function))
                                   : nullptr);
}

}  // namespace sessionvitals::engine

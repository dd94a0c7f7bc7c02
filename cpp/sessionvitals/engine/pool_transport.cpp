#include "sessionvitals/engine/pool_transport.h"

#include <utility>

#include "sessionvitals/engine/drivers/drive.h"
#include "sessionvitals/engine/tls/trust.h"
#include "sessionvitals/transport.h"

namespace sessionvitals {
namespace engine {
namespace {

constexpr std::size_t kMaxConnections = 4096;

/// Checks the options, and returns the pool for that URL.
Result<std::shared_ptr<Pool>> find_pool(const Url& url, const TransportOptions& options) {
  if (options.max_connections < 1 || options.max_connections > kMaxConnections) {
    return Error(ErrorKind::configuration_error, "max_connections must be from 1 to 4096.");
  }
  if (options.max_idle < std::chrono::milliseconds(0)) {
    return Error(ErrorKind::configuration_error, "max_idle must not be negative.");
  }
  if (url.is_tls) {
    if (auto missing = check_tls_files(options)) return *std::move(missing);
  }
  Result<ProxyChoice> choice = choose_proxy(url, options, read_proxy_environment());
  if (!choice) return std::move(choice).error();
  Route route{url, std::move(choice->proxy), options};
  route.url.prefix.clear();  // which is not the pool's business
  return Pool::find_or_make(route);
}

/// One attempt, over the pool of the origin that it is for. Its caller keeps the gate.
class DefaultTransport final : public Transport {
 public:
  explicit DefaultTransport(TransportOptions options) : options_(std::move(options)) {}

  Result<Response> send(const std::string& origin, const Request& request, const Context& context,
                        Attempt& attempt) const override {
    const auto url = parse_base_url(origin);
    if (!url) return url.error();
    auto pool = find_pool(*url, options_);
    if (!pool) return std::move(pool).error();
    const PoolTransport transport(*url, *std::move(pool), std::make_shared<RateLimitGate>());
    CallReport report;
    auto response = transport.send(request, {.max_retries = 0, .body_limit = context.body_limit},
                                   context, report);
    if (!report.attempts.empty()) attempt = std::move(report.attempts.back());
    return response;
  }

 private:
  const TransportOptions options_;
};

}  // namespace

PoolTransport::PoolTransport(const Url& url, std::shared_ptr<Pool> pool,
                             std::shared_ptr<RateLimitGate> gate)
    : endpoint_(url, std::move(pool), std::move(gate)) {}

Result<Response> PoolTransport::send(const Request& request, const CallPolicy& policy,
                                     const Context& context, CallReport& report) const {
  Call call(endpoint_, request, policy, context.deadline, report);
  drive(call, context);
  return call.take();
}

std::unique_ptr<Call> PoolTransport::begin(const Request& request, const CallPolicy& policy,
                                           Clock::time_point deadline, CallReport& report) const {
  return std::make_unique<Call>(endpoint_, request, policy, deadline, report);
}

Result<std::shared_ptr<const PoolTransport>> PoolTransport::open(const std::string& base_url,
                                                                 const TransportOptions& options) {
  const Result<Url> url = parse_base_url(base_url);
  if (!url) return url.error();
  auto pool = find_pool(*url, options);
  if (!pool) return std::move(pool).error();
  return std::make_shared<const PoolTransport>(
      *url, *std::move(pool), RateLimitGate::find_or_make(origin_of(*url) + url->prefix));
}

}  // namespace engine

std::shared_ptr<const Transport> default_transport(TransportOptions options) {
  return std::make_shared<engine::DefaultTransport>(std::move(options));
}

}  // namespace sessionvitals

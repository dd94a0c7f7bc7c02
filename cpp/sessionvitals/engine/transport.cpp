#include "sessionvitals/engine/transport.h"

#include "sessionvitals/engine/call/call.h"
#include "sessionvitals/engine/drivers/drive.h"
#include "sessionvitals/engine/tls/trust.h"

namespace sessionvitals::engine {
namespace {

constexpr std::size_t kMostConnections = 4096;

class PooledTransport final : public Transport {
 public:
  PooledTransport(const Url& url, std::shared_ptr<Pool> pool) : endpoint_(url, std::move(pool)) {}

  Result<Response> send(const Request& request, const CallPolicy& policy, const Context& context,
                        CallReport& report) const override {
    Call call(endpoint_, request, policy, context.deadline, report);
    drive(call, context);
    return call.take();
  }

  std::size_t max_connections() const override { return endpoint_.pool->max_connections(); }

  std::unique_ptr<Call> begin(const Request& request, const CallPolicy& policy,
                              Clock::time_point deadline, CallReport& report) const override {
    return std::make_unique<Call>(endpoint_, request, policy, deadline, report);
  }

  PoolStatistics statistics() const override { return endpoint_.pool->statistics(); }

 private:
  const Endpoint endpoint_;
};

}  // namespace

Result<std::shared_ptr<const Transport>> Transport::open(const std::string& base_url,
                                                         const TransportOptions& options) {
  const Result<Url> url = parse_base_url(base_url);
  if (!url) return url.error();
  if (options.max_connections < 1 || options.max_connections > kMostConnections) {
    return Error(ErrorKind::configuration_error, "max_connections must be from 1 to 4096.");
  }
  if (options.max_idle < std::chrono::milliseconds(0)) {
    return Error(ErrorKind::configuration_error, "max_idle must not be negative.");
  }
  if (url->is_tls) {
    if (auto missing = check_tls_files(options)) return *std::move(missing);
  }
  Result<ProxyChoice> choice = choose_proxy(*url, options, read_proxy_environment());
  if (!choice) return std::move(choice).error();
  Route route{*url, std::move(choice->proxy), options};
  route.url.prefix.clear();  // which is not the pool's business
  return std::shared_ptr<const Transport>(
      std::make_shared<PooledTransport>(*url, Pool::find_or_make(route)));
}

}  // namespace sessionvitals::engine

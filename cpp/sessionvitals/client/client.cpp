#include "sessionvitals/client/client.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <utility>

#include "sessionvitals/client/client_core.h"
#include "sessionvitals/engine/drivers/dispatcher.h"
#include "sessionvitals/engine/pool_transport.h"
#include "sessionvitals/rate_limit.h"
#include "sessionvitals/values/request_id.h"
#include "sessionvitals/values/trace_context.h"

namespace sessionvitals {

namespace {

constexpr int kMaxRetries = 10;  // a call is bounded by its timeout; this bounds a mistake

std::optional<std::string> environment(std::string_view variable) {
  const char* value = std::getenv(std::string(variable).c_str());
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

Error configuration(std::string message) {
  return {ErrorKind::configuration_error, std::move(message)};
}

// What `options` does not set, `fallback` does.
CallOptions merge(const CallOptions& options, const CallOptions& fallback) {
  CallOptions merged = options;
  if (!merged.timeout) merged.timeout = fallback.timeout;
  if (!merged.max_retries) merged.max_retries = fallback.max_retries;
  if (!merged.resend_unsafe) merged.resend_unsafe = fallback.resend_unsafe;
  if (!merged.cancel) merged.cancel = fallback.cancel;
  if (merged.is_interrupted == nullptr) merged.is_interrupted = fallback.is_interrupted;
  if (merged.traceparent.empty()) {
    merged.traceparent = fallback.traceparent;
    merged.tracestate = fallback.tracestate;
  }
  return merged;
}

std::optional<Error> check(const CallOptions& options) {
  if (options.timeout && !is_allowed(*options.timeout)) {
    return configuration("timeout must be more than 0 and at most 86400 seconds.");
  }
  if (options.max_retries && (*options.max_retries < 0 || *options.max_retries > kMaxRetries)) {
    return configuration("max_retries must be from 0 to 10.");
  }
  if (options.resend_unsafe && options.retry_patch) {
    return configuration("resend_unsafe and retry_patch are one option: pass one of them.");
  }
  if (auto problem = problem_with_trace_context(options.traceparent, options.tracestate)) {
    return configuration(*std::move(problem));
  }
  return std::nullopt;
}

// Leaves one name for what has two.
CallOptions normalized(CallOptions options) {
  if (options.retry_patch) options.resend_unsafe = std::exchange(options.retry_patch, {});
  return options;
}

// Reads the whole of a variable as a number; says which one cannot be.
template <class Number>
std::optional<Error> read_number(const char* variable, std::optional<Number>& number) {
  const auto text = environment(variable);
  if (!text) return std::nullopt;
  Number read{};
  const char* const end = text->data() + text->size();
  const auto [stopped, problem] = std::from_chars(text->data(), end, read);
  if (problem != std::errc() || stopped != end) {
    return configuration(std::string(variable) + " is \"" + *text +
                         "\", which is not a number it can be: set it to one, or unset it.");
  }
  number = read;
  return std::nullopt;
}

// Fills in what the environment says of options that were left out. A variable
// that an argument overrides is not looked at.
std::optional<Error> fill_from_environment(CallOptions& options) {
  if (!options.timeout) {
    std::optional<double> seconds;
    if (auto error = read_number("SESSIONVITALS_TIMEOUT", seconds)) return error;
    if (seconds) options.timeout = std::chrono::duration<double>(*seconds);
    if (check({.timeout = options.timeout})) {
      return configuration("SESSIONVITALS_TIMEOUT must be more than 0 and at most 86400 seconds.");
    }
  }
  if (!options.max_retries) {
    if (auto error = read_number("SESSIONVITALS_MAX_RETRIES", options.max_retries)) return error;
    if (check({.max_retries = options.max_retries})) {
      return configuration("SESSIONVITALS_MAX_RETRIES must be from 0 to 10.");
    }
  }
  return std::nullopt;
}

// The client's base URL, by precedence: argument, sandbox, environment, the vendor's own.
Result<std::string> choose_base_url(const Provider& provider, const ClientOptions& options) {
  if (options.base_url) return *options.base_url;
  if (options.sandbox) {
    if (!provider.sandbox_base_url.empty()) return std::string(provider.sandbox_base_url);
    return configuration(
        std::string(provider.name) +
        " documents no sandbox: pass base_url, of a running sessionvitals mock for "
        "one.");
  }
  return environment(provider.base_url_variable).value_or(std::string(provider.default_base_url));
}

Result<Credential> choose_credential(const Provider& provider, const ClientOptions& options) {
  // Passed on purpose, an empty one is a mistake even where none is needed.
  if (options.key && options.key->empty()) {
    return configuration(std::string(provider.credential_name) +
                         " is empty: pass a key, or leave it out.");
  }
  auto key = options.key ? options.key : environment(provider.credential_variable);
  if (!key && provider.credential_required) {
    return configuration("No " + std::string(provider.credential_name) + " for " +
                         std::string(provider.name) +
                         ": pass it, or set the environment variable " +
                         std::string(provider.credential_variable) + ".");
  }
  return Credential{.key = std::move(key).value_or(""), .style = options.auth_scheme};
}

// A recipient that has a clock dates what comes without one (RFC 9110 s6.6.1),
// and so the parsers need no clock.
void ensure_date(Response& response, CallReport& report) {
  // As good as the clock for whole seconds, at a tenth of its price.
  const std::chrono::sys_seconds now{std::chrono::seconds(std::time(nullptr))};
  if (const auto date = read_date(response.headers)) {
    report.clock_skew = std::chrono::floor<std::chrono::seconds>(now - *date);
  } else {
    response.headers.push_back({"Date", format_http_date(now)});
  }
}

CallPlan make_plan(const OperationTraits& operation, const CallOptions& options) {
  return {
      .policy = {.max_retries = options.max_retries.value_or(kDefaultMaxRetries),
                 .effect = operation.effect,
                 .resend_unsafe = options.resend_unsafe.value_or(false),
                 .body_limit = operation.body_limit},
      .timeout = std::chrono::ceil<Clock::duration>(
          options.timeout.value_or(operation.default_timeout.value_or(kDefaultTimeout))),
      .cancel = options.cancel,
      .is_interrupted = options.is_interrupted,
      .trace_headers = trace_headers(options.traceparent, options.tracestate),
  };
}

std::optional<Error> use_custom_transport(ClientCore& core, ClientOptions& options) {
  if (options.transport != TransportOptions()) {
    return configuration(
        "The options in `transport` are for the library's own connections: leave them out, or set "
        "what they say on the custom_transport.");
  }
  const auto url = engine::parse_base_url(core.base_url);
  if (!url) return url.error();
  core.custom.emplace(*url, std::move(options.custom_transport));
  return std::nullopt;
}

}  // namespace

Client::Client(const Provider& provider, ClientOptions options)
    : options_(std::move(options.call)), configuration_error_(check(options_)) {
  if (!configuration_error_) configuration_error_ = fill_from_environment(options_);
  options_ = normalized(std::move(options_));
  auto core = std::make_shared<ClientCore>();
  core_ = core;
  core->provider = &provider;
  auto base_url = choose_base_url(provider, options);
  auto credential = choose_credential(provider, options);
  if (!base_url) configuration_error_ = base_url.error();
  if (!credential) configuration_error_ = credential.error();
  if (configuration_error_) return;
  core->base_url = *std::move(base_url);
  core->credential = *std::move(credential);
  configuration_error_ = provider.check(core->credential);
  if (configuration_error_) return;
  if (options.custom_transport) {
    configuration_error_ = use_custom_transport(*core, options);
    return;
  }
  auto transport = engine::PoolTransport::open(core->base_url, options.transport);
  if (!transport) {
    configuration_error_ = transport.error();
    return;
  }
  core->transport = *std::move(transport);
}

const Provider& Client::provider() const { return *core_->provider; }
const std::string& Client::base_url() const { return core_->base_url; }
const Credential& Client::credential() const { return core_->credential; }

void Client::override_options(const CallOptions& options) {
  if (!configuration_error_) configuration_error_ = check(options);
  options_ = merge(normalized(options), options_);
}

Result<CallPlan> plan_call(const Client& client, const OperationTraits& operation,
                           const CallOptions& options) {
  if (client.configuration_error()) return *client.configuration_error();
  // Most calls bring none: there is nothing to check or to merge.
  if (options == CallOptions()) return make_plan(operation, client.call_options());
  if (auto error = check(options)) return *std::move(error);
  return make_plan(operation, merge(normalized(options), client.call_options()));
}

std::optional<Error> refuse_custom_transport(const ClientCore& core, std::string_view what) {
  if (!core.custom) return std::nullopt;
  return configuration(std::string(what) +
                       " needs the library's own connections, and this client has a "
                       "custom_transport: use call() or probe() in threads of your own, or make a "
                       "client without custom_transport.");
}

Exchange receive(const ClientCore& core, const OperationTraits& operation,
                 Result<Response>&& response, std::shared_ptr<CallReport> report) {
  if (response) ensure_date(*response, *report);
  if (report) {
    report->operation = SharedText::of_static(operation.name);
    if (response) {
      if (const auto said = read_request_id(response->headers); !said.empty()) {
        std::string request_id(said);
        redact(request_id, core.credential.key);
        report->request_id = request_id;
      }
    }
    // An attempt that failed quotes the peer, who may have sent the key back.
    for (Attempt& one : report->attempts) {
      if (one.error.empty()) continue;
      std::string error = one.error.str();
      redact(error, core.credential.key);
      one.error = error;
    }
  }
  return {std::move(response), std::move(report)};
}

Exchange Client::send(Result<Request>&& request, const OperationTraits& operation,
                      const CallOptions& options) const {
  const auto plan = plan_call(*this, operation, options);
  if (!plan) return {plan.error(), nullptr};
  if (!request) return {std::move(request).error(), nullptr};
  plan->add_headers(*request);
  const Context context{
      .deadline = Clock::now() + plan->timeout,
      .cancel = plan->cancel ? &*plan->cancel : nullptr,
      .is_interrupted = plan->is_interrupted,
  };
  auto report = std::make_shared<CallReport>();
  auto response = core_->custom
                      ? engine::send_over(*core_->custom, *request, plan->policy, context, *report)
                      : core_->transport->send(*request, plan->policy, context, *report);
  return receive(*core_, operation, std::move(response), std::move(report));
}

OpenedStream Client::open_stream(Result<Request>&& request, const OperationTraits& operation,
                                 const CallOptions& options, const StreamLimits& limits) const {
  const auto plan = plan_call(*this, operation, options);
  if (!plan) return {std::nullopt, {plan.error(), nullptr}};
  if (!request) return {std::nullopt, {std::move(request).error(), nullptr}};
  if (auto refused = refuse_custom_transport(*core_, "open()")) {
    return {std::nullopt, {*std::move(refused), nullptr}};
  }
  plan->add_headers(*request);
  return EventSource::open(core_, operation, *std::move(request), *plan, limits);
}

std::uint64_t Client::begin_send(Result<Request>&& request, const OperationTraits& operation,
                                 const CallOptions& options,
                                 std::function<void(Exchange)> done) const {
  const auto plan = plan_call(*this, operation, options);
  if (!plan || !request) {
    done({plan ? std::move(request).error() : plan.error(), nullptr});
    return 0;
  }
  if (auto refused = refuse_custom_transport(*core_, "begin()")) {
    done({*std::move(refused), nullptr});
    return 0;
  }
  const auto dispatcher = engine::Dispatcher::of_process();
  if (!dispatcher) {
    done({dispatcher.error(), nullptr});
    return 0;
  }
  plan->add_headers(*request);
  engine::Dispatcher& carrier = **dispatcher;
  return carrier.submit(
      {.transport = core_->transport,
       .request = *std::move(request),
       .policy = plan->policy,
       .deadline = Clock::now() + plan->timeout,
       .done = [core = core_, operation, done = std::move(done)](
                   Result<Response> response, std::shared_ptr<CallReport> report) {
         done(receive(*core, operation, std::move(response), std::move(report)));
       }});
}

void Client::cancel_begun(std::uint64_t number) {
  if (const auto dispatcher = engine::Dispatcher::find()) dispatcher->cancel(number);
}

void Client::end_begun() { engine::Dispatcher::end_of_process(); }

Error Client::fail(Error error, Effect effect, const std::shared_ptr<CallReport>& report) const {
  error.redact(core_->credential.key);
  if (!report) return error;
  error.set_call(report);
  error.set_may_have_taken_effect(may_have_taken_effect(effect, *report, !core_->custom));
  return error;
}

void Client::attach(Session& answer, std::shared_ptr<CallReport> report) const {
  // The word of a refusal that is an answer (a 410's code) may be the key as well, and so may any
  // that the vendor's contract does not have.
  if (!answer.detail || answer.state == SessionState::unknown) {
    sessionvitals::redact(answer.provider_state, core_->credential.key);
  }
  if (answer.detail) {
    // Made a moment ago by the parser, as a mutable object that nobody else has.
    auto& detail = const_cast<Detail&>(*answer.detail);
    detail.call = report;
    detail.redact(core_->credential.key);
  }
  answer.call = std::move(report);
}

}  // namespace sessionvitals

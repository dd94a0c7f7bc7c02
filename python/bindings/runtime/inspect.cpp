#include <pybind11/stl.h>
#include <pybind11/typing.h>
#include <unistd.h>

#include "bindings.h"
#include "sessionvitals/engine/call/retry.h"
#include "sessionvitals/engine/drivers/dispatcher.h"
#include "sessionvitals/engine/net/pool.h"
#include "sessionvitals/engine/net/proxy.h"
#include "sessionvitals/engine/net/url.h"
#include "sessionvitals/engine/tls/tls.h"
#include "sessionvitals/engine/tls/trust.h"
#include "sessionvitals/provider.h"
#include "values/casters.h"

/// The engine's parts as they are, for `sessionvitals doctor` and for tests to look
/// at. The only binding that knows the engine; no call goes through here.
namespace sessionvitals::python {

namespace {

using Facts = py::typing::Dict<py::str, py::object>;

py::str text(std::string_view bytes) { return to_text(bytes); }

Phase phase_of(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(Phase::wait); ++i) {
    if (phase_name(static_cast<Phase>(i)) == name) return static_cast<Phase>(i);
  }
  throw py::value_error("no phase of that name");
}

Effect effect_of(std::string_view name) {
  for (const Effect effect : {Effect::none, Effect::idempotent, Effect::once}) {
    if (effect_name(effect) == name) return effect;
  }
  throw py::value_error("no effect of that name");
}

TransportOptions to_options(std::string proxy, std::string ca_file, bool trust_env,
                            std::string fallback_ca_file = "") {
  TransportOptions options;
  options.proxy = std::move(proxy);
  options.ca_file = std::move(ca_file);
  options.trust_env = trust_env;
  options.fallback_ca_file = std::move(fallback_ca_file);
  return options;
}

Facts facts_of(const engine::PoolStatistics& pool) {
  Facts facts;
  facts["origin"] = text(pool.origin);
  facts["idle"] = py::int_(pool.idle);
  facts["leased"] = py::int_(pool.leased);
  facts["waiting"] = py::int_(pool.waiting);
  facts["opened"] = py::int_(pool.opened);
  facts["reused"] = py::int_(pool.reused);
  facts["stale"] = py::int_(pool.stale);
  return facts;
}

Facts facts_of(const Provider& provider) {
  Facts facts;
  facts["default_base_url"] = text(provider.default_base_url);
  facts["sandbox_base_url"] = text(provider.sandbox_base_url);
  facts["base_url_variable"] = text(provider.base_url_variable);
  facts["credential_name"] = text(provider.credential_name);
  facts["credential_variable"] = text(provider.credential_variable);
  facts["credential_required"] = py::bool_(provider.credential_required);
  return facts;
}

Facts facts_of(const engine::TrustPlace& place) {
  Facts facts;
  facts["path"] = text(place.path);
  facts["is_directory"] = py::bool_(place.is_directory);
  facts["source"] = text(place.source);
  facts["is_readable"] = py::bool_(::access(place.path.c_str(), R_OK) == 0);
  return facts;
}

Facts facts_of_build() {
  Facts facts;
  facts["sessionvitals"] = text(SESSIONVITALS_VERSION);
#ifdef __clang__
  facts["compiler"] = text("clang " __clang_version__);
#else
  facts["compiler"] = text("GCC " __VERSION__);
#endif
  facts["tls"] = text(engine::tls_library_version());
  facts["tls_is_bundled"] = py::bool_(engine::is_tls_library_bundled());
  return facts;
}

using Headers = std::vector<std::pair<std::string, std::string>>;

engine::RetryDecision decide_retry(const std::string& effect, const std::string& phase,
                                   int http_status, bool may_have_left, bool is_final,
                                   bool broke_contract, int retries, int max_retries,
                                   bool resend_unsafe, std::int64_t time_left_ms, double jitter,
                                   bool has_budget, const Headers& headers,
                                   const std::string& now) {
  engine::RetryQuestion question;
  question.last = {.phase = phase_of(phase),
                   .http_status = http_status,
                   .may_have_left = may_have_left,
                   .is_final = is_final,
                   .broke_contract = broke_contract};
  question.retries = retries;
  question.policy = {
      .max_retries = max_retries, .effect = effect_of(effect), .resend_unsafe = resend_unsafe};
  question.time_left = std::chrono::milliseconds(time_left_ms);
  question.jitter = jitter;
  question.has_budget = has_budget;
  std::vector<Header> sent;
  for (const auto& [name, value] : headers) sent.push_back({name, value});
  const auto at = parse_timestamp(now);
  if (!at) throw py::value_error("now is not a time as RFC 3339 has it");
  return engine::decide_retry(question, sent, *at);
}

void bind_pure(py::module_& module) {
  module.def(
      "inspect_retry",
      [](const std::string& effect, const std::string& phase, int http_status, bool may_have_left,
         bool is_final, bool broke_contract, int retries, int max_retries, bool resend_unsafe,
         std::int64_t time_left_ms, double jitter, bool has_budget, const Headers& headers,
         const std::string& now) {
        const auto decision = decide_retry(effect, phase, http_status, may_have_left, is_final,
                                           broke_contract, retries, max_retries, resend_unsafe,
                                           time_left_ms, jitter, has_budget, headers, now);
        return std::tuple(decision.again, decision.wait, decision.reason);
      },
      py::kw_only(), py::arg("effect") = "none", py::arg("phase") = "done",
      py::arg("http_status") = 0, py::arg("may_have_left") = false, py::arg("is_final") = false,
      py::arg("broke_contract") = false, py::arg("retries") = 0, py::arg("max_retries") = 2,
      py::arg("resend_unsafe") = false, py::arg("time_left_ms") = 10'000, py::arg("jitter") = 0.5,
      py::arg("has_budget") = true, py::arg("headers") = Headers(),
      py::arg("now") = "2026-01-01T00:00:00Z",
      "Return whether to try again, after which wait, and why.");
  module.def(
      "inspect_url",
      [](const std::string& base_url) {
        const auto url = value_or_raise(engine::parse_base_url(base_url));
        return std::tuple(url.is_tls, url.host, url.port, engine::origin_of(url));
      },
      py::arg("base_url"), "Return whether it is TLS, the host, the port and the origin.");
  module.def(
      "inspect_proxy",
      [](const std::string& base_url, const std::string& proxy, bool trust_env) {
        const auto url = value_or_raise(engine::parse_base_url(base_url));
        const auto choice = value_or_raise(engine::choose_proxy(
            url, to_options(proxy, "", trust_env), engine::read_proxy_environment()));
        std::optional<std::pair<std::string, int>> way;
        if (choice.proxy) way.emplace(choice.proxy->host, choice.proxy->port);
        return std::pair(way, choice.why);
      },
      py::arg("base_url"), py::kw_only(), py::arg("proxy") = "", py::arg("trust_env") = true,
      "Return the proxy's host and port, or None, and why. Raises ConfigurationError.");
  module.def(
      "inspect_provider",
      [](const std::string& name) {
        const Provider* provider = find_provider(name);
        if (provider == nullptr) throw py::value_error("no provider of that name: " + name);
        return facts_of(*provider);
      },
      py::arg("name"), "Return where a provider is, and which variables it heeds.");
}

}  // namespace

void bind_engine(py::module_& module) {
  bind_pure(module);
  module.def("inspect_build", &facts_of_build, "Return what the extension was built from.");
  module.def(
      "inspect_pools",
      [] {
        py::typing::List<Facts> pools;
        for (const auto& pool : engine::Pool::all_statistics()) pools.append(facts_of(pool));
        return pools;
      },
      "Return what the process's pools of connections are doing, and have done.");
  module.def(
      "inspect_queues",
      [] {
        const auto dispatcher = engine::Dispatcher::find();
        return dispatcher ? dispatcher->queue_count() : 0;
      },
      "Return for how many clients' servers calls of asyncio are waiting or on their way.");
  module.def("inspect_ca_loads", &engine::TlsContext::loads,
             "Return how often this process has loaded a set of CAs.");
  module.def(
      "inspect_trust",
      [](const std::string& ca_file, bool trust_env, const std::string& fallback_ca_file) {
        py::typing::List<Facts> places;
        for (const auto& place :
             engine::find_trust_places(to_options("", ca_file, trust_env, fallback_ca_file))) {
          places.append(facts_of(place));
        }
        return places;
      },
      py::kw_only(), py::arg("ca_file") = "", py::arg("trust_env") = true,
      py::arg("fallback_ca_file") = "", "Return where CAs are taken from.");
}

}  // namespace sessionvitals::python

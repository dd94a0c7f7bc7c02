// The table of retry decisions, run against the function itself; the Python
// tests run the same file through its binding.

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "sessionvitals/engine/call/retry.h"
#include "stress.h"

namespace stress {
namespace {

using nlohmann::json;
using sessionvitals::engine::RetryQuestion;

sessionvitals::Phase phase_of(const std::string& name) {
  for (int i = 0; i <= static_cast<int>(sessionvitals::Phase::wait); ++i) {
    const auto phase = static_cast<sessionvitals::Phase>(i);
    if (phase_name(phase) == name) return phase;
  }
  return sessionvitals::Phase::done;
}

sessionvitals::Effect effect_of(const std::string& name) {
  for (const auto effect : {sessionvitals::Effect::none, sessionvitals::Effect::idempotent}) {
    if (effect_name(effect) == name) return effect;
  }
  return sessionvitals::Effect::once;
}

bool run_vector(const json& vector) {
  RetryQuestion question;
  question.last.phase = phase_of(vector.value("phase", "done"));
  question.last.http_status = vector.value("http_status", 0);
  question.last.may_have_left = vector.value("may_have_left", false);
  question.last.is_final = vector.value("is_final", false);
  question.last.broke_contract = vector.value("broke_contract", false);
  question.retries = vector.value("retries", 0);
  question.policy.max_retries = vector.value("max_retries", 2);
  question.policy.effect = effect_of(vector.value("effect", "none"));
  question.policy.resend_unsafe = vector.value("resend_unsafe", false);
  question.time_left = std::chrono::milliseconds(vector.value("time_left_ms", 10'000));
  question.jitter = vector.value("jitter", 0.5);
  question.has_budget = vector.value("has_budget", true);
  std::vector<sessionvitals::Header> headers;
  const json given = vector.value("headers", json::object());
  for (const auto& [name, value] : given.items()) {
    headers.push_back({name, value.get<std::string>()});
  }
  const auto now = sessionvitals::parse_timestamp(vector.value("now", "2026-01-01T00:00:00Z"));
  const auto decision = decide_retry(question, headers, *now);
  const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(decision.wait);
  if (decision.again == vector.at("again").get<bool>() &&
      wait.count() == vector.value("wait_ms", 0) &&
      decision.reason == vector.at("reason").get<std::string>()) {
    return true;
  }
  std::fprintf(stderr, "%s: again %d, wait %lld ms, \"%s\"\n",
               vector.at("name").get<std::string>().c_str(), decision.again,
               static_cast<long long>(wait.count()), decision.reason.c_str());
  return false;
}

}  // namespace

bool run_retry_vectors(const std::string& file) {
  std::ifstream opened(file);
  const json vectors = json::parse(opened).at("vectors");
  std::size_t wrong = 0;
  for (const json& vector : vectors) wrong += run_vector(vector) ? 0U : 1U;
  std::printf("{\"vectors\": %zu, \"wrong\": %zu}\n", vectors.size(), wrong);
  return wrong == 0;
}

}  // namespace stress

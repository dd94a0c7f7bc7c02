// Scenario files: one that loads is saved, and what was saved loads and is saved as the same.
#include "sandbox/scenario.h"

#include "fuzz.h"
#include "values/budget.h"

namespace {

constexpr std::size_t kMemory = std::size_t{1024} * 1024;

/// Stops the scenario's clock, so that all that it says stays as it is.
void freeze(mock::Json& scenario) {
  if (!scenario.is_object()) return;
  if (!scenario.contains("clock")) scenario["clock"] = mock::Json::object();
  if (scenario["clock"].is_object()) scenario["clock"]["freeze"] = true;
}

std::string load_and_save(const mock::Json& scenario) {
  mock::Budget sandboxes{.max = kMemory};
  mock::Budget journals{.max = kMemory};
  mock::Space space("default", 1, sandboxes, journals);
  mock::load(space, scenario, sandboxes);
  return mock::to_text(mock::save(space));
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string saved;
  try {
    mock::Json scenario = mock::parse_json(text);
    freeze(scenario);
    saved = load_and_save(scenario);
  } catch (const mock::BadRequest& refusal) {
    fuzz::require(mock::line_of(text, refusal) >= 1, "a refusal names a line");
    return 0;
  }
  std::string again;
  try {
    again = load_and_save(mock::parse_json(saved));
  } catch (const mock::BadRequest& refusal) {
    std::fprintf(stderr, "%s\n%s\n", saved.c_str(), refusal.what());
    fuzz::require(false, "what was saved can be loaded");
  }
  if (again != saved) std::fprintf(stderr, "%s\n%s\n", saved.c_str(), again.c_str());
  fuzz::require(again == saved, "and is saved as it was");
  return 0;
}

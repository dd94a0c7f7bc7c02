// Which entry is meant, and field by field why another is not.
#include "journal/journal.h"
#include "journal/redact.h"

namespace mock {

namespace {

// The text of an entry's field; nothing when it has none.
std::optional<std::string> text_of(const Entry& entry, std::string_view field) {
  if (field == "number") return std::to_string(entry.number);
  if (field == "provider") return std::string(entry.provider);
  if (field == "operation") return std::string(entry.operation);
  if (field == "http_status") return std::to_string(entry.http_status);
  if (field == "session_id") return entry.session_id;
  if (field == "method") return entry.method;
  if (field == "target") return entry.target;
  if (field == "fault") return entry.fault;
  if (field == "body") return entry.body;
  if (!field.starts_with("header.")) return std::nullopt;
  for (const Header& header : entry.headers) {
    if (equals_ignoring_case(header.name, field.substr(7))) return header.value;
  }
  return std::nullopt;
}

}  // namespace

bool Criteria::is_counted() const {
  if (since) return false;
  for (const auto& [name, text] : fields) {
    if (name != "provider" && name != "operation" && name != "http_status") return false;
  }
  return true;
}

bool matches(const Entry& entry, const Criteria& criteria, Json* differences) {
  bool all = true;
  for (const auto& [name, wanted] : criteria.fields) {
    const auto found = text_of(entry, name);
    if (found == wanted) continue;
    all = false;
    if (differences == nullptr) return false;
    differences->push_back(
        {{"field", name}, {"expected", wanted}, {"found", found ? Json(*found) : Json(nullptr)}});
  }
  if (criteria.since && entry.number < *criteria.since) {
    all = false;
    if (differences != nullptr) {
      differences->push_back({{"field", "number"},
                              {"expected", "at least " + std::to_string(*criteria.since)},
                              {"found", std::to_string(entry.number)}});
    }
  }
  return all;
}

namespace {

Json to_json(const KeptAnswer& answer) {
  Json headers = Json::array();
  for (const Header& header : answer.headers) {
    headers.push_back({header.name, redacted_header(header.name, header.value, {})});
  }
  return {{"headers", std::move(headers)},
          {"body", redacted_body(answer.body, {})},
          {"truncated", answer.truncated}};
}

}  // namespace

Json to_json(const Entry& entry) {
  const auto text_or_null = [](std::string_view text) {
    return text.empty() ? Json(nullptr) : Json(text);
  };
  Json headers = Json::array();
  for (const Header& header : entry.headers) headers.push_back({header.name, header.value});
  Json rule = nullptr;
  if (entry.rule != nullptr) {
    rule = std::string(entry.rule->text) + " [" + std::string(entry.rule->provenance) + "]";
  }
  return {{"number", entry.number},
          {"at", iso_time(entry.at)},
          {"provider", text_or_null(entry.provider)},
          {"operation", text_or_null(entry.operation)},
          {"session_id", text_or_null(entry.session_id)},
          {"method", entry.method},
          {"target", entry.target},
          {"headers", std::move(headers)},
          {"body", entry.body},
          {"truncated", entry.truncated},
          {"http_status", entry.http_status == 0 ? Json(nullptr) : Json(entry.http_status)},
          {"fault", text_or_null(entry.fault)},
          {"rule", std::move(rule)},
          {"duration_ms", entry.duration},
          {"answer", entry.http_status == 0 ? Json(nullptr) : to_json(entry.answer)}};
}

}  // namespace mock

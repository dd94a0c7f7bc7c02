#include "journal/redact.h"

#include <algorithm>
#include <array>

namespace mock {

namespace {

bool contains_ignoring_case(std::string_view text, std::string_view lower_word) {
  const auto same = [](char left, char right) {
    return (left >= 'A' && left <= 'Z' ? static_cast<char>(left | 0x20) : left) == right;
  };
  return std::search(text.begin(), text.end(), lower_word.begin(), lower_word.end(), same) !=
         text.end();
}

void without_keys(std::string& text, const Keys& keys) {
  for (const auto& [provider, key] : keys.accepted) {
    if (key) text = replaced(text, *key, kRedacted);
  }
  text = replaced(text, keys.tiun_production, kRedacted);
}

bool redact_members(Json& json) {
  bool changed = false;
  if (json.is_object()) {
    for (auto& [name, value] : json.items()) {
      if (is_secret_name(name) && !value.is_null()) {
        value = kRedacted;
        changed = true;
      } else {
        changed |= redact_members(value);
      }
    }
  } else if (json.is_array()) {
    for (Json& element : json) changed |= redact_members(element);
  }
  return changed;
}

}  // namespace

bool is_secret_name(std::string_view name) {
  static constexpr std::array<std::string_view, 8> kWords{
      "auth", "key", "token", "secret", "cookie", "passw", "credential", "signature"};
  return std::ranges::any_of(kWords, [&](auto word) { return contains_ignoring_case(name, word); });
}

std::string_view redacted_header(std::string_view name, std::string_view value) {
  return is_secret_name(name) ? kRedacted : value;
}

std::string redacted_text(std::string_view text, const Keys& keys) {
  std::string kept(text);
  without_keys(kept, keys);
  return kept;
}

std::string redacted_target(std::string_view target, const Keys& keys) {
  const std::size_t mark = std::min(target.find('?'), target.size());
  std::string kept(target.substr(0, mark));
  for (std::string_view query = target.substr(mark); !query.empty();) {
    kept += query.front();
    query.remove_prefix(1);
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view member = query.substr(0, end);
    query.remove_prefix(end);
    const std::size_t equals = member.find('=');
    const bool secret = equals != member.npos && is_secret_name(member.substr(0, equals));
    kept.append(secret ? member.substr(0, equals + 1) : member).append(secret ? kRedacted : "");
  }
  without_keys(kept, keys);
  return kept;
}

std::string redacted_body(std::string_view body, const Keys& keys) {
  std::string kept(body);
  if (kept.find_first_of("{[") != std::string::npos) {
    try {
      Json json = parse_json(body);
      if (redact_members(json)) kept = to_text(json);
    } catch (const Refusal&) {
      // Not JSON: only the keys themselves can be told from other text.
    }
  }
  without_keys(kept, keys);
  return kept;
}

}  // namespace mock

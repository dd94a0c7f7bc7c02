#include "values/json.h"

#include <algorithm>
#include <array>

namespace mock {

namespace {

constexpr int kDeepest = 1100;

int depth_of(std::string_view text) {
  int depth = 0;
  int deepest = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      deepest = std::max(deepest, ++depth);
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return deepest;
}

std::string kind_of(const Json& json) { return json.type_name(); }

}  // namespace

Json parse_json(std::string_view text) {
  // nlohmann/json takes a NUL for the end, and leaves what follows it unread.
  if (text.find('\0') != text.npos) throw Refusal("", "the JSON has a NUL byte");
  if (depth_of(text) > kDeepest) throw Refusal("", "the JSON nests deeper than 1100 levels");
  try {
    return Json::parse(text);
  } catch (const Json::exception& error) {
    throw Refusal("", error.what());
  }
}

std::string to_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void append_quoted(std::string& json, std::string_view text, bool for_html) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  json += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (byte < 0x20 || (for_html && (c == '<' || c == '>' || c == '&'))) {
      json.append("\\u00");
      json += kHex[byte >> 4];
      json += kHex[byte & 15];
    } else {
      json += c;
    }
  }
  json += '"';
}

Members::Members(const Json& json, std::string path) : json_(&json), path_(std::move(path)) {
  if (!json.is_object()) throw Refusal(path_, "must be an object, found " + kind_of(json));
}

std::string Members::path_of(std::string_view name) const {
  return path_.empty() ? std::string(name) : path_ + "." + std::string(name);
}

const Json* Members::find(std::string_view name) {
  known_.emplace(name);
  const auto found = json_->find(name);
  return found == json_->end() ? nullptr : &*found;
}

std::string Members::string(std::string_view name) {
  auto value = optional_string(name);
  if (!value) throw Refusal(path_of(name), "is required");
  return std::move(*value);
}

std::optional<std::string> Members::optional_string(std::string_view name) {
  const Json* json = find(name);
  if (json == nullptr || json->is_null()) return std::nullopt;
  if (!json->is_string()) throw Refusal(path_of(name), "must be a string, found " + kind_of(*json));
  return json->get<std::string>();
}

std::string Members::word(std::string_view name, std::initializer_list<std::string_view> words) {
  std::string value = string(name);
  if (std::ranges::find(words, value) != words.end()) return value;
  std::string list;
  for (const std::string_view word : words) list.append(list.empty() ? "" : ", ").append(word);
  throw Refusal(path_of(name), "must be one of " + list + ", found \"" + value + "\"");
}

std::optional<std::int64_t> Members::optional_integer(std::string_view name) {
  const Json* json = find(name);
  if (json == nullptr || json->is_null()) return std::nullopt;
  const bool too_large = json->is_number_unsigned() &&
                         json->get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX);
  if (!json->is_number_integer() || too_large) {
    throw Refusal(path_of(name), "must be a 64-bit integer, found " + to_text(*json));
  }
  return json->get<std::int64_t>();
}

std::optional<double> Members::optional_number(std::string_view name) {
  const Json* json = find(name);
  if (json == nullptr || json->is_null()) return std::nullopt;
  if (!json->is_number()) throw Refusal(path_of(name), "must be a number, found " + kind_of(*json));
  return json->get<double>();
}

std::optional<bool> Members::optional_boolean(std::string_view name) {
  const Json* json = find(name);
  if (json == nullptr || json->is_null()) return std::nullopt;
  if (!json->is_boolean()) {
    throw Refusal(path_of(name), "must be true or false, found " + kind_of(*json));
  }
  return json->get<bool>();
}

std::optional<Time> Members::optional_time(std::string_view name) {
  const auto text = optional_string(name);
  if (!text) return std::nullopt;
  const auto time = parse_iso_time(*text);
  if (!time) throw Refusal(path_of(name), "must be an ISO time with Z or an offset");
  return time;
}

const Json* Members::any(std::string_view name) { return find(name); }

const Json* Members::array(std::string_view name) {
  const Json* json = find(name);
  if (json != nullptr && !json->is_array()) {
    throw Refusal(path_of(name), "must be an array, found " + kind_of(*json));
  }
  return json;
}

const Json* Members::object(std::string_view name) {
  const Json* json = find(name);
  if (json != nullptr && !json->is_object()) {
    throw Refusal(path_of(name), "must be an object, found " + kind_of(*json));
  }
  return json;
}

void Members::refuse_others() const {
  for (const auto& [name, value] : json_->items()) {
    if (known_.contains(name)) continue;
    std::string list;
    for (const std::string& known : known_) list.append(list.empty() ? "" : ", ").append(known);
    throw Refusal(path_of(name), "is not a member that is known here; known are " + list);
  }
}

}  // namespace mock

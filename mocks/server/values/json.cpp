#include "values/json.h"

#include <algorithm>
#include <array>

namespace mock {

namespace {

std::string kind_of(const Json& json) { return json.type_name(); }

}  // namespace

std::string to_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::size_t memory_of(const Json& json) {
  // A value's own place, and what the allocator adds to a text, an array or an object.
  constexpr std::size_t kFixed = 64;
  std::size_t bytes = kFixed;
  if (json.is_string()) bytes += json.get_ref<const std::string&>().size();
  if (json.is_array()) {
    for (const Json& element : json) bytes += memory_of(element);
  } else if (json.is_object()) {
    for (const auto& [name, value] : json.items()) bytes += kFixed + name.size() + memory_of(value);
  }
  return bytes;
}

void append_quoted(std::string& json, std::string_view text, bool for_html) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  static constexpr std::string_view kShort = "\"\\\b\f\n\r\t";
  static constexpr std::string_view kLetters = "\"\\bfnrt";
  const auto is_plain = [for_html](char c) {
    const bool is_escaped = static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
    return !is_escaped && !(for_html && (c == '<' || c == '>' || c == '&'));
  };
  json += '"';
  for (std::size_t at = 0;; ++at) {
    const std::size_t begin = at;
    while (at < text.size() && is_plain(text[at])) ++at;
    json.append(text, begin, at - begin);
    if (at == text.size()) break;
    const auto byte = static_cast<unsigned char>(text[at]);
    if (const std::size_t place = kShort.find(text[at]); place != kShort.npos) {
      json += '\\';
      json += kLetters[place];
    } else {
      json.append("\\u00");
      json += kHex[byte >> 4];
      json += kHex[byte & 15];
    }
  }
  json += '"';
}

Members::Members(const Json& json, std::string path) : json_(&json), path_(std::move(path)) {
  if (!json.is_object()) throw BadRequest(path_, "must be an object, found " + kind_of(json));
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
  if (!value) throw BadRequest(path_of(name), "is required");
  return std::move(*value);
}

std::optional<std::string> Members::optional_string(std::string_view name) {
  const Json* json = find(name);
  if (json == nullptr || json->is_null()) return std::nullopt;
  if (!json->is_string())
    throw BadRequest(path_of(name), "must be a string, found " + kind_of(*json));
  return json->get<std::string>();
}

std::string Members::word(std::string_view name, std::initializer_list<std::string_view> words) {
  std::string value = string(name);
  if (std::ranges::find(words, value) != words.end()) return value;
  std::string list;
  for (const std::string_view word : words) list.append(list.empty() ? "" : ", ").append(word);
  throw BadRequest(path_of(name), "must be one of " + list + ", found \"" + value + "\"");
}

std::optional<std::int64_t> Members::optional_integer(std::string_view name) {
  const Json* json = find(name);
  if (json == nullptr || json->is_null()) return std::nullopt;
  const bool too_large = json->is_number_unsigned() &&
                         json->get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX);
  if (!json->is_number_integer() || too_large) {
    throw BadRequest(path_of(name), "must be a 64-bit integer, found " + to_text(*json));
  }
  return json->get<std::int64_t>();
}

std::optional<double> Members::optional_number(std::string_view name) {
  const Json* json = find(name);
  if (json == nullptr || json->is_null()) return std::nullopt;
  if (!json->is_number())
    throw BadRequest(path_of(name), "must be a number, found " + kind_of(*json));
  return json->get<double>();
}

std::optional<bool> Members::optional_boolean(std::string_view name) {
  const Json* json = find(name);
  if (json == nullptr || json->is_null()) return std::nullopt;
  if (!json->is_boolean()) {
    throw BadRequest(path_of(name), "must be true or false, found " + kind_of(*json));
  }
  return json->get<bool>();
}

std::optional<Time> Members::optional_time(std::string_view name) {
  const auto text = optional_string(name);
  if (!text) return std::nullopt;
  const auto time = parse_iso_time(*text);
  if (!time) throw BadRequest(path_of(name), "must be an ISO time with Z or an offset");
  return time;
}

const Json* Members::any(std::string_view name) { return find(name); }

const Json* Members::array(std::string_view name) {
  const Json* json = find(name);
  if (json != nullptr && !json->is_array()) {
    throw BadRequest(path_of(name), "must be an array, found " + kind_of(*json));
  }
  return json;
}

const Json* Members::object(std::string_view name) {
  const Json* json = find(name);
  if (json != nullptr && !json->is_object()) {
    throw BadRequest(path_of(name), "must be an object, found " + kind_of(*json));
  }
  return json;
}

void Members::refuse_others() const {
  for (const auto& [name, value] : json_->items()) {
    if (known_.contains(name)) continue;
    std::string list;
    for (const std::string& known : known_) list.append(list.empty() ? "" : ", ").append(known);
    throw BadRequest(path_of(name), "unknown field; expected one of " + list);
  }
}

}  // namespace mock

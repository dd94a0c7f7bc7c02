#include "sessionvitals/providers/eliza_calls/metadata.h"

#include <utility>

#include "sessionvitals/providers/eliza.h"
#include "sessionvitals/providers/reading/json.h"

namespace sessionvitals::eliza_calls {

namespace {

constexpr std::size_t kMaxMetadata = 10240;  // UTF-16 units of its JSON (wire)

Error unusable(std::string message) { return {ErrorKind::configuration_error, std::move(message)}; }

void note_key_member(void* target, std::string_view name, const providers::JsonValue&) {
  if (name == kElizaKeyMember) *static_cast<bool*>(target) = true;
}

bool has_key_member(std::string_view json) {
  bool found = false;
  providers::visit_object(json, &found, note_key_member);
  return found;
}

Result<JsonText> add_key(const std::optional<JsonText>& metadata, const std::string& key,
                         const std::string& name) {
  if (key.empty()) return unusable(name + " is empty: pass it, or leave it out.");
  providers::JsonWriter writer;
  writer.write(std::string_view(key));
  const auto value = std::move(writer).finish();
  if (!value) return unusable(name + " cannot be sent: pass UTF-8 text without NUL.");
  const std::string member = "\"" + std::string(kElizaKeyMember) + "\":" + *value;
  if (!metadata) return JsonText{"{" + member + "}"};
  const std::string& json = metadata->json;
  const std::size_t last = json.find_last_not_of(" \t\r\n");
  if (json.find_first_not_of(" \t\r\n") == std::string::npos || json[last] != '}') {
    return unusable(name + " is kept in the metadata, which must then be an object.");
  }
  if (has_key_member(json)) {
    return unusable("The metadata has a member " + std::string(kElizaKeyMember) +
                    " already: leave it to " + name + ".");
  }
  const std::size_t before = json.find_last_not_of(" \t\r\n", last - 1);
  const bool is_empty = before != std::string::npos && json[before] == '{';
  return JsonText{json.substr(0, last) + (is_empty ? "" : ",") + member + "}"};
}

}  // namespace

bool has_nul(std::string_view json) {
  // It is always escaped there.
  for (std::size_t at = json.find('\\'); at != std::string_view::npos; at = json.find('\\', at)) {
    if (json.substr(at).starts_with("\\u0000")) return true;
    at += 2;
  }
  return false;
}

std::size_t utf16_length(std::string_view text) {
  std::size_t length = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) == 0x80U) continue;
    length += byte >= 0xF0U ? 2 : 1;
  }
  return length;
}

Result<std::optional<JsonText>> with_key(const std::optional<JsonText>& metadata,
                                         const std::optional<std::string>& key,
                                         const std::string& name) {
  std::optional<JsonText> whole = metadata;
  if (key) {
    auto keyed = add_key(metadata, *key, name);
    if (!keyed) return std::move(keyed).error();
    whole = *std::move(keyed);
  }
  if (!whole) return whole;
  if (has_nul(whole->json)) {
    return unusable("The metadata has a NUL, which elizaOS cannot store: leave it out.");
  }
  const std::size_t length = utf16_length(whole->json);
  if (length <= kMaxMetadata) return whole;
  return unusable("The metadata is " + std::to_string(length) +
                  " UTF-16 units of JSON; elizaOS takes at most " + std::to_string(kMaxMetadata) +
                  ": pass less.");
}

}  // namespace sessionvitals::eliza_calls

namespace sessionvitals {

bool has_eliza_key(const std::optional<JsonText>& metadata, std::string_view key) {
  if (!metadata) return false;
  struct Search {
    std::string_view key;
    bool found = false;
  } search{.key = key};
  providers::visit_object(
      metadata->json, &search,
      [](void* target, std::string_view name, const providers::JsonValue& value) {
        if (name != kElizaKeyMember) return;
        auto& sought = *static_cast<Search*>(target);
        sought.found = value.type == providers::JsonType::string && value.string == sought.key;
      });
  return search.found;
}

}  // namespace sessionvitals

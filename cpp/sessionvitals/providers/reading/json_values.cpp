// How single JSON values become fields, and fields JSON.

#include <chrono>
#include <string>
#include <string_view>

#include "sessionvitals/providers/reading/json.h"
#include "sessionvitals/values/utf8.h"

namespace sessionvitals::providers {

bool read_value(JsonReader& reader, double& target) {
  return reader.take_number(target) || reader.fail("a number");
}

bool read_value(JsonReader& reader, Timestamp& target) {
  constexpr std::size_t kMaxExcerpt = 40;
  constexpr const char* kExpected = "a time of RFC 3339 with Z or an offset";
  if (reader.type() != JsonType::string) return reader.fail(kExpected);
  std::string_view text;
  std::string buffer;
  if (!reader.read_string(text, buffer)) return false;
  const auto time = parse_timestamp(text);
  if (!time) {
    // What is cut says so: the cut may be within the key, which redact() then finds.
    const char* const end = text.size() > kMaxExcerpt ? "" : "\"";
    return reader.fail(kExpected, '"' + excerpt_of(text, kMaxExcerpt) + end);
  }
  target = *time;
  return true;
}

bool read_value(JsonReader& reader, JsonText& target) {
  std::string_view json;
  if (!reader.skip_unread(json)) return false;
  target.json = json;
  return true;
}

void write_value(JsonWriter& writer, const std::string& value) { writer.write(value); }
void write_value(JsonWriter& writer, std::int64_t value) { writer.write(value); }
void write_value(JsonWriter& writer, double value) { writer.write(value); }
void write_value(JsonWriter& writer, bool value) { writer.write(value); }
void write_value(JsonWriter& writer, Timestamp value) { writer.write(format_timestamp(value)); }
void write_value(JsonWriter& writer, std::chrono::seconds value) { writer.write(value.count()); }
void write_value(JsonWriter& writer, std::chrono::milliseconds value) {
  writer.write(value.count());
}
void write_value(JsonWriter& writer, const JsonText& value) { writer.write_json(value.json); }

}  // namespace sessionvitals::providers

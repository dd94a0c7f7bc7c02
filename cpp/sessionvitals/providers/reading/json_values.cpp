// How a JSON value becomes a field of an answer, and what is said if it cannot.

#include "sessionvitals/providers/reading/json.h"

namespace sessionvitals::providers {

namespace {

// Says what a value is, without quoting more of it than helps.
std::string describe(const JsonValue& value) {
  constexpr std::size_t kExcerpt = 40;
  switch (value.type) {
    case JsonValue::Type::null:
      return "null";
    case JsonValue::Type::boolean:
      return "a boolean";
    case JsonValue::Type::integer:
    case JsonValue::Type::number:
      return "the number " + std::string(value.json.substr(0, kExcerpt));
    case JsonValue::Type::string:
      return "a string";
    case JsonValue::Type::object:
      return "an object";
    case JsonValue::Type::array:
      return "an array";
  }
  return "";
}

template <class Duration>
ReadResult read_duration(Duration& target, const JsonValue& value) {
  std::int64_t count = 0;
  auto mismatch = read_value(count, value);
  target = Duration(count);
  return mismatch;
}

}  // namespace

ReadResult read_value(std::string& target, const JsonValue& value) {
  if (value.type != JsonValue::Type::string) return Mismatch{"a string", describe(value)};
  target = value.string;
  return {};
}

ReadResult read_value(std::int64_t& target, const JsonValue& value) {
  if (value.type != JsonValue::Type::integer) {
    return Mismatch{"a whole number of 64 bits", describe(value)};
  }
  target = value.integer;
  return {};
}

ReadResult read_value(double& target, const JsonValue& value) {
  const bool is_number =
      value.type == JsonValue::Type::integer || value.type == JsonValue::Type::number;
  if (!is_number) return Mismatch{"a number", describe(value)};
  target = value.number;
  return {};
}

ReadResult read_value(bool& target, const JsonValue& value) {
  if (value.type != JsonValue::Type::boolean) return Mismatch{"true or false", describe(value)};
  target = value.boolean;
  return {};
}

ReadResult read_value(Timestamp& target, const JsonValue& value) {
  constexpr std::size_t kExcerpt = 40;
  constexpr const char* kExpected = "a time of RFC 3339 with Z or an offset";
  if (value.type != JsonValue::Type::string) return Mismatch{kExpected, describe(value)};
  const auto time = parse_timestamp(value.string);
  if (!time) return Mismatch{kExpected, std::string(value.json.substr(0, kExcerpt))};
  target = *time;
  return {};
}

ReadResult read_value(std::chrono::seconds& target, const JsonValue& value) {
  return read_duration(target, value);
}

ReadResult read_value(std::chrono::milliseconds& target, const JsonValue& value) {
  return read_duration(target, value);
}

ReadResult read_value(JsonText& target, const JsonValue& value) {
  target.json = value.json;
  return {};
}

}  // namespace sessionvitals::providers

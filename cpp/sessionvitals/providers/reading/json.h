#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "sessionvitals/errors.h"
#include "sessionvitals/providers/reading/json_reader.h"
#include "sessionvitals/providers/reading/json_writer.h"
#include "sessionvitals/session.h"
#include "sessionvitals/timestamp.h"

/// Structs from JSON and back. Private to providers/.
///
/// A provider says once, as a table, which members a struct has:
///
///     template <>
///     constexpr auto providers::kMembers<PingSessionStatus> = std::array{
///         required<&PingSessionStatus::client_id>("client_id"),
///         optional<&PingSessionStatus::duration>("duration"),
///     };
///
///     auto violation = providers::read_json(response.body, status);
///     Result<std::string> body = providers::write_json(status);
///
/// A field may be a std::string, std::int64_t, double, bool, Timestamp, a duration
/// in seconds or milliseconds, JsonText, a struct that has a table, or a
/// std::optional or std::vector of those.
///
/// Reading: a member of a wrong type, a required one that is missing or null, and
/// a known one that comes twice are violations; a null optional one is absent, and
/// kept by name if the struct has `null_members`; an unknown one is kept as text
/// if the struct has `extra`, and so is a lenient one of a wrong type.
/// Writing: members in the table's order, then `extra`; an absent one is left out.
namespace sessionvitals::providers {

/// One line of a table of members.
struct Member {
  std::string_view name;
  bool is_required;
  bool takes_null;    // null is a value of the field like any other
  bool is_secret;     // no message quotes its value
  bool is_lenient;    // one of a wrong type is no violation: it is kept as an unknown member is
  const void* owner;  // says which struct the field is of: kTag<T>
  bool (*read)(JsonReader& reader, void* object);
  void (*write)(JsonWriter& writer, const void* object);
  bool (*is_absent)(const void* object);

  /// The same member, with a value that is a credential of something.
  constexpr Member secret() const {
    Member member = *this;
    member.is_secret = true;
    return member;
  }

  /// The same member, where it must not cost the answer: what was created is to be reached.
  constexpr Member lenient() const {
    Member member = *this;
    member.is_lenient = true;
    return member;
  }
};

template <class T>
inline constexpr char kTag = 0;

/// The table of a struct; nullptr for what has none.
template <class T>
inline constexpr std::nullptr_t kMembers = nullptr;

template <class T>
concept HasMembers = !std::is_null_pointer_v<std::remove_const_t<decltype(kMembers<T>)>>;

/// What an object has beside the members of its table, where the struct keeps it.
struct UnknownFields {
  std::vector<ExtraMember>* extra = nullptr;
  std::vector<std::string>* null_members = nullptr;
};

/// Reads one object by a table. `object` must be of the table's struct.
bool read_members(JsonReader& reader, std::span<const Member> members, void* object,
                  UnknownFields remainder);
void write_members(JsonWriter& writer, std::span<const Member> members, const void* object,
                   UnknownFields remainder);

inline bool read_value(JsonReader& reader, std::string& target) {
  std::string_view text;
  if (!reader.read_string(text, target)) return false;
  if (text.data() == target.data()) return true;
  target.clear();  // and append(), as assign() allows for a text that is a part of the target
  target.append(text);
  return true;
}
inline bool read_value(JsonReader& reader, std::int64_t& target) {
  return reader.take_integer(target) || reader.fail("a whole number of 64 bits");
}
inline bool read_value(JsonReader& reader, bool& target) {
  return reader.take_boolean(target) || reader.fail("true or false");
}
bool read_value(JsonReader& reader, double& target);
bool read_value(JsonReader& reader, Timestamp& target);
bool read_value(JsonReader& reader, JsonText& target);
template <class Period>
bool read_value(JsonReader& reader, std::chrono::duration<std::int64_t, Period>& target) {
  std::int64_t count = 0;
  if (!read_value(reader, count)) return false;
  target = std::chrono::duration<std::int64_t, Period>(count);
  return true;
}

void write_value(JsonWriter& writer, const std::string& value);
void write_value(JsonWriter& writer, std::int64_t value);
void write_value(JsonWriter& writer, double value);
void write_value(JsonWriter& writer, bool value);
void write_value(JsonWriter& writer, Timestamp value);
void write_value(JsonWriter& writer, std::chrono::seconds value);
void write_value(JsonWriter& writer, std::chrono::milliseconds value);
void write_value(JsonWriter& writer, const JsonText& value);

template <class T>
UnknownFields unknown_fields_of(const T& object) {
  auto& changeable = const_cast<T&>(object);  // which only read_members() does
  UnknownFields remainder;
  if constexpr (requires { object.extra; }) remainder.extra = &changeable.extra;
  if constexpr (requires { object.null_members; }) {
    remainder.null_members = &changeable.null_members;
  }
  return remainder;
}

template <HasMembers T>
constexpr bool has_own_members() {
  return std::ranges::all_of(kMembers<T>, [](const Member& m) { return m.owner == &kTag<T>; });
}

template <HasMembers T>
bool read_value(JsonReader& reader, T& target) {
  static_assert(has_own_members<T>(), "the table names another struct's field");
  static_assert(kMembers<T>.size() <= 64, "read_members() has a bit for each");
  return read_members(reader, kMembers<T>, &target, unknown_fields_of(target));
}

template <HasMembers T>
void write_value(JsonWriter& writer, const T& value) {
  write_members(writer, kMembers<T>, &value, unknown_fields_of(value));
}

template <class T>
bool read_value(JsonReader& reader, std::optional<T>& target) {
  if (read_value(reader, target.emplace())) return true;
  target.reset();
  return false;
}

template <class T>
void write_value(JsonWriter& writer, const std::optional<T>& value) {
  if (!value) return writer.write_null();
  write_value(writer, *value);
}

template <class T>
bool read_value(JsonReader& reader, std::vector<T>& target) {
  target.clear();
  if (!reader.begin_array()) return false;
  while (reader.has_more()) {
    if (read_value(reader, target.emplace_back())) continue;
    return reader.fail_within(std::to_string(target.size() - 1));
  }
  return !reader.has_failed();
}

template <class T>
void write_value(JsonWriter& writer, const std::vector<T>& values) {
  writer.begin_array();
  for (const T& value : values) write_value(writer, value);
  writer.end_array();
}

template <class T>
bool is_absent_value(const T&) {
  return false;
}
template <class T>
bool is_absent_value(const std::optional<T>& value) {
  return !value;
}
template <class T>
bool is_absent_value(const std::vector<T>& values) {
  return values.empty();
}

template <class Owner, class Field>
Owner owner_of(Field Owner::*);

template <auto field>
constexpr Member make_member(std::string_view name, bool is_required, bool takes_null) {
  using Owner = decltype(owner_of(field));
  return {
      .name = name,
      .is_required = is_required,
      .takes_null = takes_null,
      .is_secret = false,
      .is_lenient = false,
      .owner = &kTag<Owner>,
      .read = [](JsonReader& reader,
                 void* object) { return read_value(reader, static_cast<Owner*>(object)->*field); },
      .write =
          [](JsonWriter& writer, const void* object) {
            write_value(writer, static_cast<const Owner*>(object)->*field);
          },
      .is_absent =
          [](const void* object) {
            return is_absent_value(static_cast<const Owner*>(object)->*field);
          },
  };
}

/// Must be there, and not null.
template <auto field>
constexpr Member required(std::string_view name) {
  return make_member<field>(name, true, false);
}

/// May be missing or null.
template <auto field>
constexpr Member optional(std::string_view name) {
  return make_member<field>(name, false, false);
}

/// May be missing, and is kept as the text it came as, null too, whatever its depth.
template <auto field>
constexpr Member opaque(std::string_view name) {
  return make_member<field>(name, false, true);
}

/// Reads a whole text into the struct, or the vector of structs. Returns the first
/// violation, if any; `target` is then unspecified.
template <class T>
std::optional<Violation> read_json(std::string_view text, T& target,
                                   std::size_t max_bytes = kDefaultBodyLimit) {
  JsonReader reader(text, max_bytes);
  if (read_value(reader, target)) reader.finish();
  return std::move(reader).violation();
}

/// Writes the struct, or fails with a ConfigurationError that names what cannot be
/// sent.
template <class T>
Result<std::string> write_json(const T& value) {
  JsonWriter writer;
  write_value(writer, value);
  return std::move(writer).finish();
}

/// One member's value of an object that is read member by member. Its views hold
/// until the function that was given it returns.
struct JsonValue {
  JsonType type = JsonType::none;
  std::string_view string{};  // what a string says
  std::string_view json{};    // the text of the value, as received

  /// Reads it into the target if it is of that kind; otherwise returns false.
  template <class T>
  bool read(T& target) const {
    JsonReader reader(json);
    T value{};
    if (!read_value(reader, value)) return false;
    target = std::move(value);
    return true;
  }
};

/// Calls `visit` for each member of the object that `text` holds, for error
/// bodies: stops without a word at anything that is not JSON.
using VisitMember = void (*)(void* target, std::string_view name, const JsonValue& value);
void visit_object(std::string_view text, void* target, VisitMember visit);

}  // namespace sessionvitals::providers

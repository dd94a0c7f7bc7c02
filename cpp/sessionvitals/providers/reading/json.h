#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sessionvitals/errors.h"
#include "sessionvitals/session.h"
#include "sessionvitals/timestamp.h"

/// Reading a JSON object into a struct, member by member, in one pass and
/// without a document in between. Private to providers/.
///
/// A provider says what it reads as a table:
///
///     constexpr Member kMembers[] = {
///         required<&PingSessionStatus::client_id>("client_id"),
///         optional<&PingSessionStatus::duration>("duration"),
///     };
///
/// A member of a wrong type, a required one that is missing or null, and a
/// known one that comes twice are breaches of the contract; a null optional one
/// is absent; an unknown one is kept as text.
namespace sessionvitals::providers {

/// Bodies beyond these bounds are breaches (DESIGN, "The engine", rule 5).
inline constexpr std::size_t kMaxBodyBytes = std::size_t{1} << 20U;
inline constexpr int kMaxDepth = 64;

/// One value of an object. Its views point into the parser and the body, and
/// hold until the function that was given it returns.
struct JsonValue {
  enum class Type { null, boolean, integer, number, string, object, array };

  Type type = Type::null;
  bool boolean = false;
  std::int64_t integer = 0;   // for an integer that fits
  double number = 0;          // for any number
  std::string_view string{};  // decoded
  std::string_view json{};    // the text of the value, as received
};

/// A Breach without the place of the value where it happened.
struct Mismatch {
  std::string expected;
  std::string found;
  std::string place{};  // within the value: empty, or a JSON Pointer into it
};
using ReadResult = std::optional<Mismatch>;

/// Writes the value to `target`, or says why it cannot.
ReadResult read_value(std::string& target, const JsonValue& value);
ReadResult read_value(std::int64_t& target, const JsonValue& value);
ReadResult read_value(double& target, const JsonValue& value);
ReadResult read_value(bool& target, const JsonValue& value);
ReadResult read_value(Timestamp& target, const JsonValue& value);
ReadResult read_value(std::chrono::seconds& target, const JsonValue& value);
ReadResult read_value(std::chrono::milliseconds& target, const JsonValue& value);
ReadResult read_value(JsonText& target, const JsonValue& value);

template <class T>
ReadResult read_value(std::optional<T>& target, const JsonValue& value) {
  return read_value(target.emplace(), value);
}

/// One line of a table of members.
struct Member {
  std::string_view name;
  bool is_required;
  bool is_opaque;  // kept as text unread, whatever its depth and content
  ReadResult (*read)(void* answer, const JsonValue& value);
};

template <class T>
struct PointerToMember;
template <class Owner, class Field>
struct PointerToMember<Field Owner::*> {
  using owner = Owner;
};

template <auto field>
ReadResult read_field(void* answer, const JsonValue& value) {
  using Owner = typename PointerToMember<decltype(field)>::owner;
  return read_value(static_cast<Owner*>(answer)->*field, value);
}

template <auto field>
constexpr Member required(std::string_view name) {
  return {name, true, false, &read_field<field>};
}
template <auto field>
constexpr Member optional(std::string_view name) {
  return {name, false, false, &read_field<field>};
}
template <auto field>
constexpr Member opaque(std::string_view name) {
  return {name, false, true, &read_field<field>};
}

/// What read_object found besides the members of the table.
struct Remainder {
  std::vector<ExtraMember> extra;
  std::vector<std::string> null_members;  // known ones that were there and null
};

/// Reads `text`, which must be one JSON object, into `answer`, which must be of
/// the type whose fields the table names. `place` is the JSON Pointer of the
/// object within the body, for messages. Returns the first breach, if any;
/// `answer` is then unspecified.
std::optional<Breach> read_object(std::string_view text, std::span<const Member> members,
                                  void* answer, Remainder& remainder, std::string_view place = "");

/// Calls `visit` for each member of the object that `text` holds, for error
/// bodies: stops without a word at anything that is not JSON.
using VisitMember = void (*)(void* target, std::string_view name, const JsonValue& value);
void visit_object(std::string_view text, void* target, VisitMember visit);

}  // namespace sessionvitals::providers

#include "sessionvitals/providers/reading/json.h"

#include <cstddef>
#include <utility>

namespace sessionvitals::providers {

namespace {

// Reads the members of one object into a struct.
class TableReader {
 public:
  TableReader(JsonReader& reader, std::span<const Member> members, void* object,
              const UnknownFields& remainder)
      : reader_(reader), members_(members), object_(object), remainder_(remainder) {}

  bool read() {
    if (!reader_.begin_object()) return false;
    for (;;) {
      std::size_t place = likely_;
      if (place == members_.size() || !reader_.take_compact_name(members_[place].name)) {
        if (!reader_.has_more()) break;
        if (!find_place(place)) return false;
        if (place == members_.size()) continue;
      }
      if (!read_known(place)) return false;
    }
    return !reader_.has_failed() && has_all_required();
  }

 private:
  // Takes a name, and all of a member that the table has not.
  bool find_place(std::size_t& place) {
    std::string_view name;
    std::string buffer;
    if (!reader_.read_name(name, buffer) || !reader_.read_colon()) return false;
    if (place != members_.size() && name == members_[place].name) return true;
    const auto found = std::ranges::find(members_, name, &Member::name);
    place = static_cast<std::size_t>(found - members_.begin());
    return place != members_.size() || read_extra(name);
  }

  bool read_known(std::size_t place) {
    const Member& member = members_[place];
    likely_ = place + 1;  // most servers keep to one order, which is the table's
    if (read_value_of(member, std::uint64_t{1} << place)) return true;
    if (member.is_secret) reader_.hide_found();
    return reader_.fail_within(member.name);
  }

  bool read_value_of(const Member& member, std::uint64_t bit) {
    if ((seen_ & bit) != 0) return reader_.fail("one such member", "two");
    seen_ |= bit;
    if (reader_.is_null()) return read_null(member);
    return member.is_lenient ? read_leniently(member) : member.read(reader_, object_);
  }

  bool read_leniently(const Member& member) {
    std::string_view json;
    if (!reader_.skip(json)) return false;
    JsonReader alone(json);
    if (member.read(alone, object_) || remainder_.extra == nullptr) return true;
    remainder_.extra->push_back({std::string(member.name), std::string(json)});
    return true;
  }

  bool read_null(const Member& member) {
    if (member.is_required) return reader_.fail("a value");
    if (remainder_.null_members != nullptr) remainder_.null_members->emplace_back(member.name);
    if (member.takes_null) return member.read(reader_, object_);
    return reader_.take_null() || reader_.fail("a value");
  }

  bool read_extra(std::string_view name) {
    std::string kept(name);
    std::string_view json;
    if (!reader_.skip(json)) return false;
    if (remainder_.extra == nullptr) return true;
    remainder_.extra->push_back({std::move(kept), std::string(json)});
    return true;
  }

  bool has_all_required() {
    for (std::size_t i = 0; i < members_.size(); ++i) {
      if (!members_[i].is_required || (seen_ & (std::uint64_t{1} << i)) != 0) continue;
      reader_.fail("a value", "nothing");
      return reader_.fail_within(members_[i].name);
    }
    return true;
  }

  JsonReader& reader_;
  std::span<const Member> members_;
  void* object_;
  const UnknownFields remainder_;
  std::size_t likely_ = 0;  // the place of the member that probably comes next
  std::uint64_t seen_ = 0;  // a bit for each member
};

}  // namespace

bool read_members(JsonReader& reader, std::span<const Member> members, void* object,
                  UnknownFields remainder) {
  return TableReader(reader, members, object, remainder).read();
}

void write_members(JsonWriter& writer, std::span<const Member> members, const void* object,
                   UnknownFields remainder) {
  const auto is_null = [&](std::string_view name) {
    return remainder.null_members != nullptr &&
           std::ranges::find(*remainder.null_members, name) != remainder.null_members->end();
  };
  writer.begin_object();
  for (const Member& member : members) {
    const bool is_absent = !member.is_required && member.is_absent(object);
    if (is_absent && !is_null(member.name)) continue;
    writer.write_name(member.name);
    if (is_absent) {
      writer.write_null();
    } else {
      member.write(writer, object);
    }
  }
  if (remainder.extra != nullptr) {
    for (const ExtraMember& member : *remainder.extra) {
      writer.write_name(member.name);
      writer.write_json(member.json);
    }
  }
  writer.end_object();
}

void visit_object(std::string_view text, void* target, VisitMember visit) {
  JsonReader reader(text);
  if (reader.type() != JsonType::object || !reader.begin_object()) return;
  std::string_view name;
  std::string name_buffer;
  while (reader.has_more()) {
    if (!reader.read_name(name, name_buffer) || !reader.read_colon()) return;
    JsonValue value{.type = reader.type()};
    if (!reader.skip(value.json)) return;
    std::string buffer;
    if (value.type == JsonType::string) {
      JsonReader(value.json).read_string(value.string, buffer);
    }
    visit(target, name, value);
  }
}

}  // namespace sessionvitals::providers

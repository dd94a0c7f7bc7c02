#include "sessionvitals/providers/reading/json.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "sessionvitals/providers/reading/json_plain.h"
#include "sessionvitals/providers/reading/json_source.h"

namespace sessionvitals::providers {

namespace {

// long double: a number past a double's range is JSON all the same, and must
// not cost the answer that it stands beside.
using Json = nlohmann::basic_json<std::map, std::vector, std::string, bool, std::int64_t,
                                  std::uint64_t, long double>;

// Hears a whole body, and passes on the members of its outermost object: each
// with its value, or, for an object or array, with the text of it.
template <class Listener>
class OutermostMembers : public nlohmann::json_sax<Json> {
 public:
  OutermostMembers(JsonSource& source, Listener& listener) : source_(source), listener_(listener) {}

  bool null() override { return scalar({.type = JsonValue::Type::null}); }
  bool boolean(bool value) override {
    return scalar({.type = JsonValue::Type::boolean, .boolean = value});
  }
  bool number_integer(std::int64_t value) override {
    return number(
        {.type = JsonValue::Type::integer, .integer = value, .number = static_cast<double>(value)});
  }
  bool number_unsigned(std::uint64_t value) override {
    if (std::in_range<std::int64_t>(value)) return number_integer(static_cast<std::int64_t>(value));
    return number({.type = JsonValue::Type::number, .number = static_cast<double>(value)});
  }
  bool number_float(long double value, const std::string&) override {
    return number({.type = JsonValue::Type::number, .number = static_cast<double>(value)});
  }
  bool string(std::string& value) override {
    return scalar({.type = JsonValue::Type::string, .string = value});
  }
  bool binary(Json::binary_t&) override { return false; }

  bool start_object(std::size_t) override { return open(JsonValue::Type::object); }
  bool start_array(std::size_t) override { return open(JsonValue::Type::array); }
  bool end_object() override { return close(JsonValue::Type::object); }
  bool end_array() override { return close(JsonValue::Type::array); }

  bool key(std::string& name) override {
    if (depth_ != 1) return true;
    name_ = name;
    value_began_ = source_.position();
    if (listener_.is_opaque(name_)) opaque_ = source_.hide_next_value();
    return true;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    problem_ = {"JSON", "something else at byte " + std::to_string(position) +
                            (source_.is_at_end() ? " (where the text ends)" : "")};
    return false;
  }

  // Why the parser was stopped, if it was not by the listener.
  const ReadResult& problem() const { return problem_; }

 private:
  bool number(JsonValue value) {
    // The parser has read one character past a number to know its end.
    return report(std::move(value), source_.position() - 1);
  }
  bool scalar(JsonValue value) { return report(std::move(value), source_.position()); }

  bool report(JsonValue value, std::size_t end) {
    if (depth_ == 0) return not_an_object();
    if (depth_ != 1) return true;
    if (!opaque_.empty()) {
      value = {.type = type_of(opaque_.front())};
      value.json = std::exchange(opaque_, {});
    } else {
      value.json = source_.value_between(value_began_, end);
    }
    return listener_.member(name_, value);
  }

  bool open(JsonValue::Type type) {
    if (depth_ == 0 && type != JsonValue::Type::object) return not_an_object();
    if (++depth_ > kMaxDepth) {
      problem_ = {"at most " + std::to_string(kMaxDepth) + " levels of nesting", "more"};
      return false;
    }
    return true;
  }

  bool close(JsonValue::Type type) {
    if (--depth_ != 1) return true;
    return scalar({.type = type});
  }

  bool not_an_object() {
    problem_ = {"a JSON object", "another JSON value"};
    return false;
  }

  static JsonValue::Type type_of(char first) {
    if (first == '{') return JsonValue::Type::object;
    return first == '[' ? JsonValue::Type::array : JsonValue::Type::string;
  }

  JsonSource& source_;
  Listener& listener_;
  std::string name_;
  std::size_t value_began_ = 0;
  std::string_view opaque_;
  int depth_ = 0;
  ReadResult problem_;
};

template <class Listener>
ReadResult listen(std::string_view text, Listener& listener) {
  if (text.size() > kMaxBodyBytes) {
    return Mismatch{"at most " + std::to_string(kMaxBodyBytes) + " bytes",
                    std::to_string(text.size())};
  }
  // The parser takes a NUL for the end of the text.
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    return Mismatch{"JSON", "a NUL at byte " + std::to_string(nul)};
  }
  JsonSource source(text);
  OutermostMembers<Listener> handler(source, listener);
  Json::sax_parse(source.begin(), source.end(), &handler);
  return handler.problem();
}

// Fills a struct from a table of members.
class TableListener {
 public:
  TableListener(std::span<const Member> members, void* answer, Remainder& remainder)
      : members_(members), answer_(answer), remainder_(remainder) {}

  bool is_opaque(std::string_view name) const {
    const auto found = std::ranges::find(members_, name, &Member::name);
    return found != members_.end() && found->is_opaque;
  }

  bool member(std::string_view name, const JsonValue& value) {
    const auto found = find(name);
    if (found == members_.end()) {
      remainder_.extra.push_back({std::string(name), std::string(value.json)});
      return true;
    }
    const auto bit = std::uint64_t{1} << static_cast<std::size_t>(found - members_.begin());
    if ((seen_ & bit) != 0) return stop(name, {"one such member", "two"});
    seen_ |= bit;
    if (value.type == JsonValue::Type::null) {
      if (found->is_required) return stop(name, {"a value", "null"});
      remainder_.null_members.emplace_back(name);
      if (!found->is_opaque) return true;
    }
    if (auto mismatch = found->read(answer_, value)) return stop(name, std::move(*mismatch));
    return true;
  }

  // What is wrong with what was heard, once all of it was.
  std::optional<Breach> verdict(std::string_view place) {
    if (!breach_) {
      for (std::size_t i = 0; i < members_.size() && !breach_; ++i) {
        const bool is_missing = (seen_ & (std::uint64_t{1} << i)) == 0;
        if (members_[i].is_required && is_missing) {
          stop(members_[i].name, {"a value", "nothing"});
        }
      }
    }
    if (breach_) breach_->member.insert(0, place);
    return std::move(breach_);
  }

 private:
  // Most servers keep to one order, which is the table's.
  std::span<const Member>::iterator find(std::string_view name) {
    if (expected_ < members_.size() && members_[expected_].name == name) {
      return members_.begin() + static_cast<std::ptrdiff_t>(expected_++);
    }
    const auto found = std::ranges::find(members_, name, &Member::name);
    if (found != members_.end()) expected_ = static_cast<std::size_t>(found - members_.begin()) + 1;
    return found;
  }

  bool stop(std::string_view name, Mismatch mismatch) {
    std::string member(1, '/');  // GCC 12 warns of "/" + std::string(...) (its bug 105651)
    member.append(name).append(mismatch.place);
    breach_ = {std::move(member), std::move(mismatch.expected), std::move(mismatch.found)};
    return false;
  }

  std::span<const Member> members_;
  void* answer_;
  Remainder& remainder_;
  std::size_t expected_ = 0;  // the place of the member that is likely to come next
  std::uint64_t seen_ = 0;    // a bit for each member; no table comes near 64
  std::optional<Breach> breach_;
};

// Passes every member on.
struct VisitingListener {
  void* target;
  VisitMember visit;

  static bool is_opaque(std::string_view) { return false; }
  bool member(std::string_view name, const JsonValue& value) const {
    visit(target, name, value);
    return true;
  }
};

}  // namespace

std::optional<Breach> read_object(std::string_view text, std::span<const Member> members,
                                  void* answer, Remainder& remainder, std::string_view place) {
  if (text.size() <= kMaxBodyBytes) {
    TableListener listener(members, answer, remainder);
    if (listen_to_plain(text, listener)) return listener.verdict(place);
    remainder = {};  // begun anew; what `answer` has by now, it is given again
  }
  TableListener listener(members, answer, remainder);
  if (const auto problem = listen(text, listener)) {
    return Breach{std::string(place), problem->expected, problem->found};
  }
  return listener.verdict(place);
}

void visit_object(std::string_view text, void* target, VisitMember visit) {
  VisitingListener listener{target, visit};
  (void)listen(text, listener);
}

}  // namespace sessionvitals::providers

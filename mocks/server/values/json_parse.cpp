// Text to JSON in linear time. nlohmann/json's own reader looks every name up among those before
// it, so that an object costs the square of its members.
#include <algorithm>
#include <charconv>
#include <unordered_map>
#include <vector>

#include "values/json.h"

namespace mock {

namespace {

constexpr std::size_t kMaxDepth = 1100;

using Member = std::pair<std::string, Json>;

// As JSON.parse does: a name that comes again keeps its first place and has its last value.
void drop_repeated(std::vector<Member>& members) {
  std::unordered_map<std::string_view, std::size_t> places;
  std::vector<bool> repeated(members.size());
  for (std::size_t i = 0; i < members.size(); ++i) {
    const auto [place, is_new] = places.emplace(members[i].first, i);
    repeated[i] = !is_new;
    if (!is_new) members[place->second].second = std::move(members[i].second);
  }
  places.clear();
  std::size_t at = 0;
  std::erase_if(members, [&](const Member&) { return repeated[at++]; });
}

/// Returns the first name that is there twice; nullptr if none is.
const std::string* find_repeated(const std::vector<Member>& members) {
  // Below this, comparing each with each is the quicker way.
  constexpr std::size_t kFew = 8;
  if (members.size() > kFew) {
    std::unordered_map<std::string_view, bool> seen;
    seen.reserve(members.size());
    for (const Member& member : members) {
      if (!seen.emplace(member.first, true).second) return &member.first;
    }
    return nullptr;
  }
  for (std::size_t i = 1; i < members.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (members[i].first == members[j].first) return &members[i].first;
    }
  }
  return nullptr;
}

class Builder final : public nlohmann::json_sax<Json> {
 public:
  Builder(std::string_view text, Duplicates duplicates) : text_(text), duplicates_(duplicates) {}

  Json take() { return std::move(root_); }

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(std::int64_t value) override { return add(value); }
  bool number_unsigned(std::uint64_t value) override { return add(value); }
  bool number_float(double value, const std::string&) override { return add(value); }
  bool string(std::string& value) override { return add(std::move(value)); }
  bool binary(Json::binary_t&) override { return false; }

  bool start_object(std::size_t) override { return open(); }
  bool start_array(std::size_t) override { return open(); }

  bool key(std::string& name) override {
    open_.back().members.emplace_back(std::move(name), nullptr);
    return true;
  }

  bool end_object() override {
    std::vector<Member> members = std::move(open_.back().members);
    open_.pop_back();
    if (const std::string* name = find_repeated(members)) {
      if (duplicates_ == Duplicates::refused) {
        throw BadRequest(path_of(*name), "is there twice: leave one of the two out");
      }
      drop_repeated(members);
    }
    Json object = Json::object();
    auto& built = object.get_ref<Json::object_t&>();
    built.reserve(members.size());
    Json::object_t::Container& end = built;
    for (Member& member : members) {
      end.emplace_back(std::move(member.first), std::move(member.second));
    }
    return add(std::move(object));
  }

  bool end_array() override {
    Json array(std::move(open_.back().elements));
    open_.pop_back();
    return add(std::move(array));
  }

  bool parse_error(std::size_t at, const std::string& token,
                   const nlohmann::detail::exception& error) override {
    const bool is_end = at > text_.size() || token.empty();
    const std::string read = as_read(token);
    const std::string_view unexpected = is_end ? std::string_view() : last_of(read);
    const std::size_t end = std::min(at, text_.size());
    const std::size_t begin = end - std::min(end, unexpected.size());
    const std::string_view before = text_.substr(0, begin);
    const auto line = 1 + std::ranges::count(before, '\n');
    const std::size_t column = begin - (before.rfind('\n') + 1) + 1;  // npos + 1 is 0
    constexpr int kOutOfRange = 406;  // nlohmann/json's number for one that no double holds
    throw BadRequest("", "not JSON: line " + std::to_string(line) + ", column " +
                             std::to_string(column) + ": " +
                             (error.id == kOutOfRange ? "a number that is out of range"
                              : is_end                ? "the text ends too early"
                                                      : "unexpected " + quoted(unexpected)))
        .at_line(static_cast<int>(line));
  }

 private:
  struct Open {
    std::vector<Member> members;
    Json::array_t elements;
  };

  static constexpr std::size_t npos = std::string_view::npos;

  // nlohmann/json shows a control character of the token as "<U+000A>".
  static std::string as_read(std::string_view token) {
    constexpr std::string_view kBegin = "<U+00";
    constexpr std::size_t kSize = 8;
    std::string read;
    for (std::size_t at = 0; at < token.size(); ++at) {
      int code = 0;
      const std::string_view shown = token.substr(at, kSize);
      if (shown.size() == kSize && shown.starts_with(kBegin) && shown.back() == '>') {
        std::from_chars(shown.data() + kBegin.size(), shown.data() + kSize - 1, code, 16);
      }
      read += code > 0 ? static_cast<char>(code) : token[at];
      if (code > 0) at += kSize - 1;
    }
    return read;
  }

  // The reader begins a token anew at texts, numbers and words only: others stand before the last.
  static std::string_view last_of(std::string_view token) {
    if (token.front() == '"') {
      std::size_t end = 1;
      while (end < token.size() && token[end] != '"') end += token[end] == '\\' ? 2 : 1;
      if (end + 1 >= token.size()) return token;  // a text that is none
      token.remove_prefix(end + 1);
    }
    const std::size_t before = token.find_last_of(" \t\r\n{}[]:,", token.size() - 2);
    return token.size() < 2 || before == npos ? token : token.substr(before + 1);
  }

  static std::string quoted(std::string_view token) {
    constexpr std::size_t kMaxShown = 20;
    std::string shown = token.size() > kMaxShown ? std::string(token.substr(0, kMaxShown)) + "..."
                                                 : std::string(token);
    for (char& c : shown) c = c < ' ' || c > '~' ? '?' : c;
    return std::string("\"").append(shown).append("\"");
  }

  // Of a member of the object that ends here.
  std::string path_of(const std::string& name) const {
    std::string path;
    for (const Open& each : open_) {
      if (each.members.empty()) {
        path.append("[").append(std::to_string(each.elements.size())).append("]");
      } else {
        path.append(path.empty() ? "" : ".").append(each.members.back().first);
      }
    }
    return path.append(path.empty() ? "" : ".").append(name);
  }

  bool open() {
    if (open_.size() == kMaxDepth) {
      throw BadRequest("", "the JSON nests deeper than " + std::to_string(kMaxDepth) + " levels");
    }
    open_.emplace_back();
    return true;
  }

  bool add(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (!open_.back().members.empty()) {
      open_.back().members.back().second = std::move(value);
    } else {
      open_.back().elements.push_back(std::move(value));
    }
    return true;
  }

  std::string_view text_;
  Duplicates duplicates_;
  std::vector<Open> open_;
  Json root_;
};

}  // namespace

Json parse_json(std::string_view text, Duplicates duplicates) {
  // nlohmann/json takes a NUL for the end, and leaves what follows it unread.
  if (text.find('\0') != text.npos) throw BadRequest("", "the JSON has a NUL byte");
  if (text.find_first_not_of(" \t\r\n") == text.npos)
    throw BadRequest("", "empty, where JSON is expected");
  Builder builder(text, duplicates);
  Json::sax_parse(text, &builder);
  return builder.take();
}

}  // namespace mock

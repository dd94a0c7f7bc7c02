// Reading and checking JSON that people write: bodies of admin calls, scenario files, request
// bodies of the vendors' calls. The only includer of nlohmann/json; objects keep their order, so
// that an answer's members come as they do on the vendor's wire.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

#include "values/time.h"

namespace mock {

using Json = nlohmann::ordered_json;

/// What is wrong with somebody's input, and where: `member` is a path such as "sessions[3].state".
class BadRequest : public std::runtime_error {
 public:
  BadRequest(std::string member, const std::string& message, int http_status = 400)
      : std::runtime_error(member.empty() ? message : member + ": " + message),
        member_(std::move(member)),
        http_status_(http_status) {}

  const std::string& member() const { return member_; }
  int http_status() const { return http_status_; }
  /// The line of the text, from 1, when that is what is known of the place; else 0.
  int line() const { return line_; }
  BadRequest& at_line(int line) {
    line_ = line;
    return *this;
  }

 private:
  std::string member_;
  int http_status_;
  int line_ = 0;
};

/// What becomes of a name that an object has twice: its last value counts, as for JSON.parse, or it
/// is a mistake, as in what people write for the mock.
enum class Duplicates { last_counts, refused };

/// Takes linear time. Throws BadRequest on text that is not JSON or nests deeper than elizaOS was
/// seen to allow (1000 levels, and a few of our own around it): writing it back recurses.
Json parse_json(std::string_view text, Duplicates duplicates = Duplicates::last_counts);

/// One line; bytes that are not UTF-8 are replaced rather than refused.
std::string to_text(const Json& json);

/// About how much memory the value takes, without itself.
std::size_t memory_of(const Json& json);

/// Appends `text` with quotes. `for_html` also escapes < > and &, as Go's encoder does.
void append_quoted(std::string& json, std::string_view text, bool for_html = false);

/// The members of one object, each read at most once and by type. Every reader throws BadRequest
/// when the member has another type; the optional ones give nothing when it is absent or null.
class Members {
 public:
  /// Throws BadRequest unless `json` is an object. `path` is where it stands in the whole input.
  Members(const Json& json, std::string path);

  bool has(std::string_view name) const { return json_->contains(name); }
  std::string path_of(std::string_view name) const;

  std::string string(std::string_view name);
  std::optional<std::string> optional_string(std::string_view name);
  /// One of `words`; the refusal lists them.
  std::string word(std::string_view name, std::initializer_list<std::string_view> words);
  std::optional<std::int64_t> optional_integer(std::string_view name);
  std::optional<double> optional_number(std::string_view name);
  std::optional<bool> optional_boolean(std::string_view name);
  std::optional<Time> optional_time(std::string_view name);
  /// Any JSON, or null when absent.
  const Json* any(std::string_view name);
  /// An array, or null when absent.
  const Json* array(std::string_view name);
  /// An object, or null when absent.
  const Json* object(std::string_view name);

  /// Throws BadRequest when a member was never read, naming those that may be.
  void refuse_others() const;

 private:
  const Json* find(std::string_view name);

  const Json* json_;
  std::string path_;
  std::set<std::string, std::less<>> known_;
};

/// The line, from 1, on which what is refused stands in `text`; 1 when not found.
int line_of(std::string_view text, const BadRequest& refusal);

}  // namespace mock

#include "journal/assignments.h"

#include <algorithm>
#include <optional>

#include "journal/redact.h"
#include "values/text.h"

namespace mock {

namespace {

constexpr std::size_t npos = std::string_view::npos;
// No longer name is a secret's; so that a text of names alone is walked once.
constexpr std::size_t kMaxName = 128;

bool is_space(char c) { return c == ' ' || c == '\t'; }

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '%' || c == '+' || c == '[' || c == ']' || c == '$' ||
         c == '\\';
}

// The name as its reader has it: without percent and \u escapes.
std::string decoded(std::string_view name) {
  const auto may_escape = [](char c) { return c == '%' || c == '\\'; };
  if (std::ranges::none_of(name, may_escape)) return std::string(name);
  std::string plain;
  for (std::size_t at = 0; at < name.size();) {
    const bool is_unicode = name.substr(at).starts_with("\\u00");
    const std::size_t size = is_unicode ? 6 : 3;
    std::optional<std::string> character;
    if ((is_unicode || name[at] == '%') && at + size <= name.size()) {
      character = percent_decoded(std::string("%").append(name.substr(at + size - 2, 2)));
    }
    plain.append(character ? *character : std::string(1, name[at]));
    at += character ? size : 1;
  }
  return plain;
}

struct Name {
  std::string_view text;
  std::size_t begin = 0;  // its quote included
  bool is_quoted = false;
};

// The name that ends before `separator`; empty when there is none.
Name name_before(std::string_view text, std::size_t separator) {
  std::size_t end = separator;
  while (end > 0 && is_space(text[end - 1])) --end;
  if (end > 0 && text[end - 1] == '*') --end;  // name*=UTF-8''value
  const std::size_t least = end > kMaxName ? end - kMaxName : 0;
  const char quote = end > 0 ? text[end - 1] : '\0';
  if (quote == '"' || quote == '\'') {
    std::size_t begin = end - 1;
    while (begin > least && text[begin - 1] != quote) --begin;
    if (begin == least) return {};
    return {text.substr(begin, end - 1 - begin), begin - 1, true};
  }
  std::size_t begin = end;
  while (begin > least && is_name_character(text[begin - 1])) --begin;
  return {text.substr(begin, end - begin), begin, false};
}

// Whether what is before a bare name lets a colon assign to it: prose has colons too.
bool begins_an_item(std::string_view text, std::size_t begin) {
  while (begin > 0 && is_space(text[begin - 1])) --begin;
  return begin == 0 || std::string_view("\r\n{[,;&?(").find(text[begin - 1]) != npos;
}

// Where the value after a separator ends.
std::size_t value_end(std::string_view text, std::size_t begin, char separator) {
  if (begin == text.size()) return begin;
  const char first = text[begin];
  if (first == '"' || first == '\'') {
    for (std::size_t at = begin + 1; at < text.size(); ++at) {
      if (text[at] == '\\') {
        ++at;
      } else if (text[at] == first) {
        return at + 1;
      }
    }
    return text.size();
  }
  // An object or array in text that is no JSON: where it ends is not to be known.
  if (first == '{' || first == '[') return text.size();
  const char* ends = separator == '>' ? "<" : separator == ':' ? "\r\n,}&" : "&;,\r\n \t\"'<>}";
  return std::min(text.find_first_of(ends, begin), text.size());
}

bool is_blank_line(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(std::min(at, text.size()));
  return rest.starts_with('\n') || rest.starts_with("\r\n");
}

// Whether a part's Content-Disposition has a secret's name.
bool names_a_secret(std::string_view line) {
  for (std::size_t sign = line.find('='); sign != npos; sign = line.find('=', sign + 1)) {
    const std::string_view value = line.substr(sign + 1, kMaxName);
    if (is_secret_name(decoded(value.substr(0, value.find(';'))))) return true;
  }
  return false;
}

}  // namespace

std::string without_assigned(std::string_view text) {
  std::string kept;
  std::size_t done = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char separator = text[at];
    if ((separator != '=' && separator != ':' && separator != '>') || at < done) continue;
    const Name name = name_before(text, at);
    if (name.text.empty() || name.begin < done || !is_secret_name(decoded(name.text))) continue;
    if (separator == ':' && !name.is_quoted && !begins_an_item(text, name.begin)) continue;
    std::size_t begin = at + 1;
    while (begin < text.size() && is_space(text[begin])) ++begin;
    const std::size_t end = value_end(text, begin, separator);
    if (end == begin) continue;
    const bool is_quoted = text[begin] == '"' || text[begin] == '\'';
    kept.append(text.substr(done, begin - done));
    if (is_quoted) kept += text[begin];
    kept.append(kRedacted);
    if (is_quoted) kept += text[begin];
    done = end;
  }
  return kept.append(text.substr(done));
}

std::string without_secret_parts(std::string_view body) {
  constexpr std::string_view kPart = "form-data";
  std::string kept;
  std::size_t done = 0;
  for (std::size_t at = body.find(kPart); at != npos; at = body.find(kPart, at)) {
    std::size_t end_of_line = std::min(body.find('\n', at), body.size());
    const bool is_secret = names_a_secret(body.substr(at, end_of_line - at));
    at = end_of_line;
    if (!is_secret) continue;
    // The part's own headers end with an empty line, and its value at the next boundary.
    while (!is_blank_line(body, end_of_line + 1) && end_of_line < body.size()) {
      end_of_line = std::min(body.find('\n', end_of_line + 1), body.size());
    }
    const std::size_t begin = std::min(body.find('\n', end_of_line + 1), body.size() - 1) + 1;
    const std::size_t end = std::min(body.find("\n--", begin - 1), body.size());
    kept.append(body.substr(done, begin - done)).append(kRedacted);
    at = done = std::max(begin, end);
  }
  return kept.append(body.substr(done));
}

}  // namespace mock

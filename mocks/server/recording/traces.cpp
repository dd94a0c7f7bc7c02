#include "recording/traces.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "values/json.h"

namespace mock {

namespace {

constexpr std::string_view kNoFrames = "    [stack trace removed]";
constexpr std::string_view kNoPath = "[path removed]";

// The folders where files are on the machines that servers run on. No path of a vendor's call
// begins with one of them.
constexpr std::array<std::string_view, 13> kRoots{"home", "Users", "root",     "tmp", "var",
                                                  "opt",  "usr",   "srv",      "app", "mnt",
                                                  "etc",  "nix",   "workspace"};

bool is_frame(std::string_view line) {
  const std::size_t begin = line.find_first_not_of(" \t");
  if (begin == line.npos || begin == 0) return false;
  line.remove_prefix(begin);
  return line.starts_with("at ") || line.starts_with("File \"");
}

std::string without_frames(std::string_view text) {
  std::string kept;
  bool was_frame = false;
  while (true) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const bool frame = is_frame(text.substr(0, end));
    if (!frame || !was_frame) {
      kept.append(frame ? kNoFrames : text.substr(0, end));
      if (end < text.size()) kept += '\n';
    }
    was_frame = frame;
    if (end == text.size()) return kept;
    text.remove_prefix(end + 1);
  }
}

bool is_part_of_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' ||
         c == '_' || c == '-' || c == '/' || c == ':' || c == '%';
}

bool begins_path(std::string_view text) {
  if (text.starts_with("file://")) return true;
  const bool has_letter = !text.empty() && (text[0] | 0x20) >= 'a' && (text[0] | 0x20) <= 'z';
  if (has_letter && text.substr(1).starts_with(":\\")) return true;
  if (!text.starts_with('/')) return false;
  text.remove_prefix(1);
  return std::ranges::any_of(kRoots, [&](std::string_view root) {
    return text.starts_with(root) && text.substr(root.size()).starts_with('/');
  });
}

std::string without_paths(std::string_view text) {
  constexpr std::string_view kEnds = " \t\r\n\"'`()<>[]{},;";
  std::string kept;
  for (std::size_t at = 0; at < text.size();) {
    const bool is_inside = at > 0 && is_part_of_word(text[at - 1]);
    if (is_inside || !begins_path(text.substr(at))) {
      kept += text[at++];
      continue;
    }
    kept += kNoPath;
    at = std::min(text.find_first_of(kEnds, at), text.size());
  }
  return kept;
}

void clean(Json& json) {
  if (json.is_string()) {
    json = without_paths(without_frames(json.get_ref<const std::string&>()));
  } else if (json.is_structured()) {
    for (Json& each : json) clean(each);
  }
}

}  // namespace

std::string without_traces(std::string body) {
  try {
    Json json = parse_json(body);
    const Json before = json;
    clean(json);
    return json == before ? body : to_text(json);
  } catch (const BadRequest&) {
    return without_paths(without_frames(body));
  }
}

}  // namespace mock

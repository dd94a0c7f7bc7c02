// Finds the line of a member, for people's editors. Walks the text beside the parser rather than
// in it: this runs only when something is wrong.
#include <string>

#include "values/json.h"

namespace mock {

namespace {

class LineFinder {
 public:
  LineFinder(std::string_view text, std::string_view wanted) : text_(text), wanted_(wanted) {}

  // The line of the deepest value on the way to the wanted path.
  int find() {
    value("");
    return line_;
  }

 private:
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' ||
                                  text_[at_] == '\r' || text_[at_] == ',' || text_[at_] == ':')) {
      if (text_[at_] == '\n') ++current_;
      ++at_;
    }
  }

  std::string_view string() {
    const std::size_t start = ++at_;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    const std::string_view found = text_.substr(std::min(start, text_.size()), at_ - start);
    ++at_;
    return found;
  }

  void value(const std::string& path) {
    skip_space();
    const bool on_the_way =
        path.empty() || wanted_ == path ||
        (wanted_.starts_with(path) && (wanted_[path.size()] == '.' || wanted_[path.size()] == '['));
    if (on_the_way) line_ = current_;
    if (at_ >= text_.size()) return;
    if (text_[at_] == '{') {
      members(path, on_the_way);
    } else if (text_[at_] == '[') {
      elements(path, on_the_way);
    } else if (text_[at_] == '"') {
      string();
    } else {
      while (at_ < text_.size() && std::string_view(",]} \t\r\n").find(text_[at_]) == npos) ++at_;
    }
  }

  // What is off the way is still walked, to count its lines, but under a path that cannot match.
  void members(const std::string& path, bool on_the_way) {
    for (++at_, skip_space(); at_ < text_.size() && text_[at_] != '}'; skip_space()) {
      if (text_[at_] != '"') return;
      const std::string name(string());
      value(!on_the_way ? "\n" : path.empty() ? name : path + "." + name);
    }
    ++at_;
  }

  void elements(const std::string& path, bool on_the_way) {
    int index = 0;
    for (++at_, skip_space(); at_ < text_.size() && text_[at_] != ']'; skip_space()) {
      value(on_the_way ? path + "[" + std::to_string(index++) + "]" : "\n");
    }
    ++at_;
  }

  static constexpr std::size_t npos = std::string_view::npos;
  std::string_view text_;
  std::string_view wanted_;
  std::size_t at_ = 0;
  int current_ = 1;
  int line_ = 1;
};

}  // namespace

int line_of(std::string_view text, const BadRequest& refusal) {
  if (refusal.line() > 0) return refusal.line();
  // Without a member the text may be no JSON at all, or too deep to be walked.
  return refusal.member().empty() ? 1 : LineFinder(text, refusal.member()).find();
}

}  // namespace mock

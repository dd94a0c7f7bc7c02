#include "sandbox/files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace mock {

namespace {

// Where the file itself is: a rename would replace a link to it.
std::string target_of_links(const std::string& file) {
  char* resolved = ::realpath(file.c_str(), nullptr);
  if (resolved == nullptr) return file;
  std::string target = resolved;
  std::free(resolved);
  return target;
}

// An open file beside `file`; below 0 when there can be none.
int open_draft(const std::string& file, std::string& draft) {
  draft = file + ".XXXXXX";
  return ::mkstemp(draft.data());
}

std::string cannot_write(const std::string& file) {
  return "cannot write " + file + ": " + std::strerror(errno);
}

mode_t mode_for(const std::string& file) {
  struct stat known {};
  if (::stat(file.c_str(), &known) == 0) return known.st_mode & 0777U;
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666U & ~mask;
}

}  // namespace

std::optional<std::string> read_file(const std::string& file) {
  constexpr std::size_t kMaxBytes = 64 * 1024 * 1024;  // a device would have no end
  std::ifstream input(file, std::ios::binary);
  std::string text;
  std::array<char, 65536> piece;
  while (input && text.size() <= kMaxBytes) {
    input.read(piece.data(), piece.size());
    text.append(piece.data(), static_cast<std::size_t>(input.gcount()));
  }
  if (!input.eof() || input.bad()) return std::nullopt;
  return text;
}

std::string problem_with_replacing(const std::string& name) {
  const std::string file = target_of_links(name);
  struct stat known {};
  if (::stat(file.c_str(), &known) == 0 && !S_ISREG(known.st_mode)) {
    return "cannot write " + name + ": it is there and is no regular file";
  }
  std::string draft;
  const int descriptor = open_draft(file, draft);
  if (descriptor < 0) return cannot_write(name);
  ::close(descriptor);
  ::unlink(draft.c_str());
  return "";
}

std::string replace_file(const std::string& name, const std::string& text) {
  if (std::string problem = problem_with_replacing(name); !problem.empty()) return problem;
  const std::string file = target_of_links(name);
  std::string draft;
  const int descriptor = open_draft(file, draft);
  if (descriptor < 0) return cannot_write(name);
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t count = ::write(descriptor, text.data() + done, text.size() - done);
    if (count < 0 && errno != EINTR) break;
    if (count > 0) done += static_cast<std::size_t>(count);
  }
  bool written =
      done == text.size() && ::fchmod(descriptor, mode_for(file)) == 0 && ::fsync(descriptor) == 0;
  written = ::close(descriptor) == 0 && written;
  if (written && ::rename(draft.c_str(), file.c_str()) == 0) return "";
  std::string problem = cannot_write(name);
  ::unlink(draft.c_str());
  return problem;
}

}  // namespace mock

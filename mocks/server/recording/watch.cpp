#include "recording/watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstring>

namespace mock {

namespace {

struct Place {
  std::string folder;
  std::string name;
};

Place place_of(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  if (slash == std::string::npos) return {".", file};
  return {slash == 0 ? "/" : file.substr(0, slash), file.substr(slash + 1)};
}

}  // namespace

int watch_file(const std::string& file) {
  const int descriptor = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (descriptor < 0) return -1;
  // The folder, since an editor puts a new file in the old one's place.
  const std::string folder = place_of(file).folder;
  if (inotify_add_watch(descriptor, folder.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO) >= 0) {
    return descriptor;
  }
  ::close(descriptor);
  return -1;
}

bool has_changed(int descriptor, const std::string& file) {
  const std::string name = place_of(file).name;
  bool changed = false;
  alignas(inotify_event) std::array<char, 4096> buffer;
  for (ssize_t count; (count = ::read(descriptor, buffer.data(), buffer.size())) > 0;) {
    for (std::size_t at = 0; at < static_cast<std::size_t>(count);) {
      inotify_event event;
      std::memcpy(&event, buffer.data() + at, offsetof(inotify_event, name));
      const char* named = buffer.data() + at + offsetof(inotify_event, name);
      if (event.len > 0 && name == named) changed = true;
      at += sizeof(inotify_event) + event.len;
    }
  }
  return changed;
}

}  // namespace mock

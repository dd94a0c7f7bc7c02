#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "clients/bulk.h"

namespace sessionvitals::python {

namespace {

// How many different ids that repeat are looked for: this bounds what a bulk remembers.
constexpr std::size_t kMaxRepeated = 65536;

/// A Bloom filter: tells whether a hash may have been added before. With 16 bits
/// an entry and three bits set for each it errs for one id in two hundred, which
/// then costs a place among those that are counted, and nothing else.
class SeenBefore {
 public:
  explicit SeenBefore(std::size_t entries)
      : words_(std::bit_ceil(std::clamp<std::size_t>(entries / 4, 16, kMaxWords))) {}

  /// Adds the hash; returns true if it may have been there already.
  bool add(std::uint64_t hash) {
    bool was_there = true;
    for (int i = 0; i < 3; ++i) {
      hash = (hash ^ (hash >> 31)) * 0x9e3779b97f4a7c15U;
      std::uint64_t& word = words_[(hash >> 6) & (words_.size() - 1)];
      const std::uint64_t bit = std::uint64_t{1} << (hash >> 58);
      was_there = was_there && (word & bit) != 0;
      word |= bit;
    }
    return was_there;
  }

 private:
  static constexpr std::size_t kMaxWords = std::size_t{1} << 23;  // 64 MiB

  std::vector<std::uint64_t> words_;
};

bool can_be_read_twice(const py::object& ids) {
  return PyDict_Check(ids.ptr()) == 0 && py::hasattr(ids, "__len__") &&
         py::hasattr(ids, "__getitem__");
}

template <class Visit>
void for_each_text(const py::object& ids, Visit visit) {
  for (const py::handle id : py::iter(ids)) {
    if (PyUnicode_Check(id.ptr()) != 0) visit(id);
  }
}

}  // namespace

std::unordered_map<std::string, std::size_t> repeated_in(const py::object& ids) {
  if (PyUnicode_Check(ids.ptr()) != 0 || PyBytes_Check(ids.ptr()) != 0) {
    throw py::type_error("session_ids is one id: pass a list of them, or use probe");
  }
  std::unordered_map<std::string, std::size_t> counts;
  if (!can_be_read_twice(ids)) return counts;

  // Those that may be repeated, as Python has hashed them; then how often each really is.
  SeenBefore seen(py::len(ids));
  py::dict candidates;
  for_each_text(ids, [&](const py::handle& id) {
    if (seen.add(static_cast<std::uint64_t>(py::hash(id))) && candidates.size() < kMaxRepeated) {
      candidates[id] = py::none();
    }
  });
  if (candidates.empty()) return counts;
  for_each_text(ids, [&](const py::handle& id) {
    if (!candidates.contains(id)) return;
    Py_ssize_t size = 0;
    const char* text = PyUnicode_AsUTF8AndSize(id.ptr(), &size);
    if (text == nullptr) {
      PyErr_Clear();  // a lone surrogate: it fails alone
      return;
    }
    ++counts[std::string(text, static_cast<std::size_t>(size))];
  });
  std::erase_if(counts, [](const auto& entry) { return entry.second < 2; });
  return counts;
}

}  // namespace sessionvitals::python

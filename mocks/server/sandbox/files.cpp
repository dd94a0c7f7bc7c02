#include "sandbox/files.h"

#include <array>
#include <fstream>

namespace mock {

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

}  // namespace mock

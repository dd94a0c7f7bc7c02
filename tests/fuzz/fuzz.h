#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

/// What the fuzzers share. An input is one byte that chooses, and a text.
namespace fuzz {

/// Ends the program if a promise is broken; libFuzzer then keeps the input.
inline void require(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", promise);
  std::abort();
}

struct Input {
  unsigned choice = 0;
  std::string_view text;
};

inline Input read_input(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return {};
  return {data[0], {reinterpret_cast<const char*>(data) + 1, size - 1}};
}

/// The sizes of the pieces in which a text comes: mostly small, the same for the same choice.
class Pieces {
 public:
  explicit Pieces(unsigned choice) : state_(choice * 2654435761U + 1) {}

  std::size_t next() {
    state_ = state_ * 1664525U + 1013904223U;
    const unsigned drawn = state_ >> 24U;
    return drawn < 160 ? 1 + drawn % 4 : drawn;
  }

 private:
  std::uint32_t state_;
};

}  // namespace fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

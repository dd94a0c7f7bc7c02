// Draws that depend on nothing but the seed, the space's name and the number of the request in it:
// the same run gives the same bytes again, however many spaces are busy beside it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mock {

class Random {
 public:
  Random(std::uint64_t seed, std::string_view space, std::uint64_t request_number) : state_(seed) {
    for (const char c : space) state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    next();
    state_ ^= request_number * 0xd1342543de82ef95U;
  }

  /// SplitMix64: small, quick, and the same on every machine.
  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31);
  }

  /// From 0 up to but without 1.
  double fraction() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

  std::string hex(std::size_t digits) {
    std::string text;
    while (text.size() < digits) {
      std::uint64_t bits = next();
      for (int i = 0; i < 16 && text.size() < digits; ++i, bits >>= 4) {
        text += "0123456789abcdef"[bits & 15];
      }
    }
    return text;
  }

  /// A version 4 UUID.
  std::string uuid() {
    std::string text = hex(32);
    text[12] = '4';
    text[16] = "89ab"[next() & 3];
    for (const std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, 1, '-');
    return text;
  }

 private:
  std::uint64_t state_;
};

}  // namespace mock

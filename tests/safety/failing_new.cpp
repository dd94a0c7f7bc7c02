// A library to be preloaded: once told to, one `new` of the process fails.
#include <cstdlib>
#include <new>

namespace {
long left = -1;
}

/// The one after so many more; none if it is negative.
extern "C" void fail_after(long count) { left = count; }

void* operator new(std::size_t size) {
  if (left >= 0 && left-- == 0) throw std::bad_alloc();
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

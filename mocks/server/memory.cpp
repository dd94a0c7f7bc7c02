#include "memory.h"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>

namespace mock {

namespace {

// Only segments that cannot have been written to: a relocated page would lose its relocations.
int forget_pages(dl_phdr_info* object, std::size_t, void*) {
  const auto page = static_cast<ElfW(Addr)>(sysconf(_SC_PAGESIZE));
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    const ElfW(Addr) begin = object->dlpi_addr + segment.p_vaddr;
    const ElfW(Addr) first = begin & ~(page - 1);
    const ElfW(Addr) last = (begin + segment.p_filesz) & ~(page - 1);
    if (last > first) madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);
  }
  return 0;
}

}  // namespace

void forget_start_up_pages() { dl_iterate_phdr(forget_pages, nullptr); }

}  // namespace mock

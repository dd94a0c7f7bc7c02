// Gives back memory that only the start needed.
#pragma once

namespace mock {

/// Lets go of the read-only pages of the program and its libraries. Debian's cpp-httplib brings in
/// libssl and libcrypto and initialises them, which leaves 3 MB resident that are not looked at
/// again without TLS. Nothing is lost: what is needed is mapped again from the page cache.
void forget_start_up_pages();

}  // namespace mock

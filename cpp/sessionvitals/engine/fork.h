#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>

/// What keeps the engine right across fork(): no lock is ever found taken in the
/// child, and whoever holds descriptors is told that they are now inherited.
/// What a function makes once, at its first call, is one such lock: where that
/// is ours, the file asks for it while it is loaded.
/// Rests on pthread_atfork, so a child made by vfork or posix_spawn, which must
/// exec at once, is not told.
namespace sessionvitals::engine {

/// How many forks lie between the first process and this one; costs one load.
std::uint32_t fork_generation();

/// A mutex that the forking thread takes before a fork and gives back after it,
/// in parent and child, so that the child finds it free and what it guards whole.
///
/// While one is held: no other one is taken, none is made or destroyed, and
/// nothing blocks. Otherwise a fork could wait for ever.
class ForkSafeMutex {
 public:
  ForkSafeMutex();
  ~ForkSafeMutex();
  ForkSafeMutex(const ForkSafeMutex&) = delete;
  ForkSafeMutex& operator=(const ForkSafeMutex&) = delete;

  void lock() { mutex_.lock(); }
  void unlock() { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

/// While one lives, a fork in another thread waits. For the calls of a library
/// that has locks of its own for the whole process, or makes things once, as
/// OpenSSL does: a child that found one of those taken would hang.
///
/// Not for what blocks, and not while a ForkSafeMutex is held, which a fork takes
/// only afterwards; the other way round, and one within another, is all right.
class ForkBlocker {
 public:
  ForkBlocker();
  ~ForkBlocker();
  ForkBlocker(const ForkBlocker&) = delete;
  ForkBlocker& operator=(const ForkBlocker&) = delete;
};

/// Lets forks pass again within a ForkBlocker, if there is one, for a wait.
class ForkUnblocker {
 public:
  ForkUnblocker();
  ~ForkUnblocker();
  ForkUnblocker(const ForkUnblocker&) = delete;
  ForkUnblocker& operator=(const ForkUnblocker&) = delete;

 private:
  const int depth_;
};

/// While one lives, a fork in another thread waits for it, for at most kMaxForkDelay. For the calls
/// of a library that has locks of its own for the whole process and may also wait for long, as
/// getaddrinfo does: it holds its locks for moments, and waits for a name server without them.
/// Otherwise a child could inherit such a lock taken, and never look a name up.
class ForkDelay {
 public:
  ForkDelay();
  ~ForkDelay();
  ForkDelay(const ForkDelay&) = delete;
  ForkDelay& operator=(const ForkDelay&) = delete;
};
inline constexpr std::chrono::milliseconds kMaxForkDelay{100};

/// Remembers a socket that a child must not keep: as long as it did, the peer
/// would not see the parent's close. It is closed in the child of every fork,
/// before anyone else is told, and whoever holds it there must not use its
/// number again (see fork_generation). Numbers above 65535 are not remembered.
void register_socket(int descriptor);

/// Closes a socket that was noted in this process.
void close_socket(int descriptor);

/// Is told in the child of a fork, in the only thread there is, while every
/// ForkSafeMutex is free.
class ForkListener {
 public:
  ForkListener();
  virtual ~ForkListener();
  ForkListener(const ForkListener&) = delete;
  ForkListener& operator=(const ForkListener&) = delete;

  virtual void in_child() = 0;
};

}  // namespace sessionvitals::engine

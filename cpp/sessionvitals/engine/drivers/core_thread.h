#pragma once

#include <pthread.h>

#include <csignal>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "sessionvitals/errors.h"

/// Threads of the library: they take no signals, which are for the program's own.
namespace sessionvitals::engine {

class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

/// Starts a thread that runs `work`. Throws std::system_error if there is none left.
template <class Work>
std::thread start_thread(Work work) {
  const SignalsBlocked blocked;
  return std::thread(std::move(work));
}

/// Returns the TransportError for work that start_thread() could not start.
inline Error no_thread_for(std::string_view what, const std::system_error& problem) {
  return {ErrorKind::transport_error, Phase::queue,
          "No thread could be started for the " + std::string(what) + " (" + problem.what() +
              "). Allow this process more threads."};
}

}  // namespace sessionvitals::engine

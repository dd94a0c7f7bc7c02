#include "runtime/gil.h"

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "sessionvitals/client/bulk.h"
#include "sessionvitals/client/client.h"
#include "sessionvitals/streams/event_stream.h"
#include "sessionvitals/watch/watch.h"

namespace sessionvitals::python {

namespace {

// How long the end waits for calls to notice it. They ask every 50 ms.
constexpr std::chrono::milliseconds kMaxWait{250};

std::atomic<bool> has_ended{false};
std::atomic<int> waiting_threads{0};          // threads that wait without the GIL
thread_local PyThreadState* state = nullptr;  // of this thread, while it does

[[noreturn]] void block_forever() {
  for (;;) ::pause();
}

void give_up() {
  waiting_threads.fetch_add(1);
  state = PyEval_SaveThread();
}

void reacquire() {
  waiting_threads.fetch_sub(1);
  try {
    PyEval_RestoreThread(state);
  } catch (...) {  // pthread_exit, which must not get any further
    block_forever();
  }
}

// Called when the interpreter is gone and before the process's own clean-up,
// which OpenSSL's is part of: nobody should be in a call by then. Not earlier,
// as a program's own atexit functions may well make calls, and as a daemon thread
// that got an answer now would only be woken to be ended.
void end_calls() {
  has_ended.store(true);
  Client::end_begun();
  BulkProbe::stop_all();
  StreamState::end_begun();
  Watch::stop_all();
  const auto until = std::chrono::steady_clock::now() + kMaxWait;
  while (waiting_threads.load() > 0 && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace

void install_exit_hook() {
  Py_AtExit(end_calls);
  // A child has none of its parent's other threads.
  ::pthread_atfork(nullptr, nullptr, [] { waiting_threads.store(0); });
}

GilRelease::GilRelease() : outer_(state) { give_up(); }

GilRelease::~GilRelease() {
  reacquire();
  state = outer_;
}

bool is_interrupted() {
  if (has_ended.load(std::memory_order_relaxed)) return true;
  if (state == nullptr) return false;  // a thread of the library's own: not for Python's handlers
  reacquire();
  const bool has_raised = PyErr_CheckSignals() != 0;
  give_up();
  return has_raised;
}

}  // namespace sessionvitals::python

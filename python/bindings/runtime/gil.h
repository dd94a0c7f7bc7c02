#pragma once

#include <Python.h>

#include <utility>

/// Giving the GIL up for a wait, and taking it back, also in a thread that the
/// interpreter does not wait for when it ends. Up to 3.13 such a thread is ended
/// where it asks for the GIL, by pthread_exit, which runs up through the caller's
/// C++ frames: a destructor that must not throw, pybind11's own guard for one, is
/// then the end of the process. Here the thread sleeps instead until the process
/// has gone, as it does in Python 3.14.
namespace sessionvitals::python {

/// Has the end of the interpreter end the calls that are still on their way.
void install_exit_hook();

/// The time in which this thread does not hold the GIL.
class GilRelease {
 public:
  GilRelease();
  ~GilRelease();  // does not return if the interpreter has ended meanwhile
  GilRelease(const GilRelease&) = delete;
  GilRelease& operator=(const GilRelease&) = delete;

 private:
  PyThreadState* outer_;  // of a wait during which this one began, in a signal handler
};

/// Runs `call` without the GIL.
template <class Call>
auto without_gil(Call&& call) {
  const GilRelease given_up;
  return std::forward<Call>(call)();
}

/// Runs Python's signal handlers, if this is the thread for it; returns true if
/// one raised, or if the interpreter has ended. Does nothing in a thread that is
/// not within without_gil().
bool is_interrupted();

}  // namespace sessionvitals::python

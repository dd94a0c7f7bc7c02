#pragma once

#include <pybind11/pybind11.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>

#include "awaiting/channel.h"
#include "awaiting/pending_answer.h"
#include "bindings.h"

/// How the tasks of an event loop wait for answers. The library's threads put answers in a
/// channel; the inbox, which only the loop's thread uses, takes them out and goes on with
/// the tasks that wait.
namespace sessionvitals::python {

/// Belongs to one event loop, and to whoever holds the GIL.
class Inbox {
 public:
  explicit Inbox(const py::object& loop);
  ~Inbox();
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  /// Readable when answers are there: deliver() is then to be called in the loop.
  int descriptor() const { return channel_->descriptor(); }

  const std::shared_ptr<Channel>& channel() const { return channel_; }

  /// Returns something to await, which waits for the answer of its ticket.
  PendingAnswer expect();

  /// Returns something to await, which waits for the next deliver(). One at a time.
  PendingAnswer wait();

  /// Gives all answers there are to the tasks that wait for them, and goes on with
  /// those tasks. Logs each call as well. What a task raises that asyncio lets
  /// through, KeyboardInterrupt for one, comes out; no answer is lost by it.
  void deliver();

  /// Has the loop go on, later, with who waits for the next deliver(): for who is
  /// a task of the loop's itself. Who waits in a closed loop is let go of.
  void end_wait();

  /// Waits no more for the answer of that ticket; returns what waited for it, if it did.
  PendingAnswer forget(std::uint64_t ticket);

  /// Lets go of all tasks that wait, which are then never gone on with.
  void forget_tasks();

  /// For Python's garbage collector: what the tasks that wait are held by.
  int traverse(visitproc visit, void* arg) const;

 private:
  PendingAnswer make() const;

  static constexpr std::uint64_t kWaiter = 0;  // the ticket of who waits for the next deliver()

  py::object loop_;  // a weak reference
  std::shared_ptr<Channel> channel_ = std::make_shared<Channel>();
  std::unordered_map<std::uint64_t, PendingAnswer> waiting_;  // by ticket
  std::uint64_t last_ticket_ = kWaiter;
  PendingAnswer waiter_;  // for the next deliver(); null for none
  // Taken out of the channel and not given yet: a task that goes on may run the loop, and so
  // deliver(), itself.
  std::deque<std::unique_ptr<Channel::Completion>> taken_;
};

void bind_inbox(py::module_& module);

}  // namespace sessionvitals::python

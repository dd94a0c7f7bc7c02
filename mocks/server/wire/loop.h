// The one thread: waits for sockets, timers and signals, and hands each event to its connection.
// One thread is enough (see mocks/README.md for the figures) and needs no lock anywhere.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>
#include <vector>

#include "wire/connection.h"

namespace mock {

class Loop {
 public:
  /// Takes over the listening socket. Connections past `max_connections`, or past the descriptors
  /// that the system gives, push out the one that has been idle longest. When none is idle, no
  /// more are accepted for a while: clients wait in the kernel's queue.
  /// `tls` may be null; it must outlive the loop.
  Loop(int listener, TlsServer* tls, Application& application, std::size_t max_connections);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Calls `on_readable` whenever the descriptor can be read; the loop ends when it says so.
  void watch(int descriptor, std::function<bool()> on_readable);

  /// Runs until SIGTERM, SIGINT or SIGHUP, or until something watched ends it. Under nohup, SIGHUP
  /// is ignored.
  void run();

 private:
  struct Entry {
    std::unique_ptr<Connection> connection;
    std::uint32_t events = 0;
    std::int64_t due = 0;
  };

  void accept_clients(std::int64_t now);
  int accept_with_room(std::int64_t now);
  bool make_room(std::int64_t now);
  void pause_accepting(std::int64_t now);
  void go_on_accepting();
  void after_event(int socket);
  void remove(int socket);
  void fire_timers(std::int64_t now);
  void tell_change(std::int64_t now);
  void sweep(std::int64_t now);
  int wait_for(std::int64_t now) const;

  int epoll_;
  int listener_;
  int signals_;
  TlsServer* tls_;
  std::map<int, std::function<bool()>> watched_;
  Application& application_;
  std::size_t max_connections_;
  std::unordered_map<int, Entry> connections_;
  std::set<std::pair<std::int64_t, int>> timers_;
  std::set<int> waiting_;  // for a change
  int spare_;              // a descriptor that is given up for a client when there are no others
  std::int64_t accept_again_ = 0;  // when clients are accepted again; 0: they are
  std::int64_t next_sweep_ = 0;
};

}  // namespace mock

#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

/// Servers on loopback that do what the request's target tells them to, right or
/// wrong, byte by byte. They share no code with the engine.
namespace stress {

/// Answers by the second segment of the target, "/ANY/ok/TOKEN": see peer.cpp.
class Peer {
 public:
  Peer();
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  int port() const { return port_; }
  std::string url(const std::string& prefix = "") const;

  /// How often a request for that target has come, whole.
  int seen(const std::string& target);

  /// The targets of all requests, in the order they came.
  std::vector<std::string> order();

 private:
  void accept_all();
  void converse(int descriptor);
  bool answer(int descriptor, const std::string& target);
  void wait_for_end(int descriptor) const;

  int port_ = 0;
  int listener_;
  std::atomic<bool> is_over_{false};
  std::mutex mutex_;
  std::set<int> open_;
  std::map<std::string, int> seen_;
  std::vector<std::string> order_;
  std::vector<std::thread> conversations_;
  std::thread acceptor_;
};

/// A port on which a connect never completes: its queue is full, so that the
/// kernel drops what comes.
class BlackHole {
 public:
  BlackHole();
  ~BlackHole();
  int port() const { return port_; }

 private:
  int port_ = 0;
  int listener_;
  std::vector<int> fillers_;
};

/// A listener on a free port of 127.0.0.1; writes the port.
int listen_on_loopback(int backlog, int& port);

}  // namespace stress

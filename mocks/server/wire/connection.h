// One client's connection: what came in, the plan of what goes out, and where it stands in it.
// It never blocks; the loop calls it when the socket or its timer is ready.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "wire/application.h"
#include "wire/request_parser.h"
#include "wire/tls.h"
#include "wire/wire_plan.h"

namespace mock {

class Connection {
 public:
  /// `tls` is null for plain HTTP.
  Connection(int socket, std::unique_ptr<TlsSession> tls, Application& application,
             std::int64_t now);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  int socket() const { return socket_; }

  /// Goes through a plan before anything is read, and before any TLS.
  void on_accept(WirePlan plan, std::int64_t now);

  /// Reads once, so that others have their turn. `has_ended`: the client sends no more.
  void on_readable(std::int64_t now, bool has_ended);
  /// Whether that may have left something in the socket.
  bool may_have_more() const { return may_have_more_; }
  void on_writable(std::int64_t now);
  void on_timer(std::int64_t now);
  /// Something changed that a waiting request may wait for.
  void on_change(std::int64_t now);
  void on_hang_up() { done_ = true; }

  bool is_encrypted() const { return tls_ != nullptr; }
  /// The loop removes it.
  bool is_done() const { return done_; }
  bool wants_to_write() const { return wants_to_write_; }
  bool wants_to_read() const;
  bool waits_for_change() const { return waiting_ && waiting_for_change_; }
  /// When on_timer() is to be called, in monotonic milliseconds; nothing when never.
  std::optional<std::int64_t> due() const { return due_; }
  /// No request is under way; since when it has been so.
  bool is_idle() const { return phase_ == Phase::reading && received_.empty(); }
  std::int64_t last_active() const { return last_active_; }
  /// The request being read began before `then` and is still not whole.
  bool is_reading_since(std::int64_t then) const {
    return phase_ == Phase::reading && !received_.empty() && began_ < then;
  }

 private:
  enum class Phase { reading, answering, stalled, draining };

  ssize_t receive(char* data, std::size_t size);
  ssize_t send(const char* data, std::size_t size);
  void take_bytes(std::string_view bytes, std::int64_t now);
  void take_requests(std::int64_t now);
  void ask(std::int64_t now, bool by_deadline);
  void start(WirePlan plan, std::int64_t now);
  void go_on(std::int64_t now);
  bool send_some(const std::string& bytes, std::int64_t now);
  void end(std::int64_t now);
  void drain(std::int64_t now);
  bool is_too_slow(std::size_t left) const;
  void reset();
  void drop_used();

  int socket_;
  std::unique_ptr<TlsSession> tls_;
  bool accepting_ = false;
  Application& application_;
  RequestParser parser_;
  Phase phase_ = Phase::reading;
  bool done_ = false;
  bool end_of_input_ = false;
  bool may_have_more_ = false;
  bool wants_to_write_ = false;
  bool continued_ = false;  // 100 Continue was sent for the request being read
  bool waiting_ = false;
  bool waiting_for_change_ = false;
  std::int64_t last_active_;
  std::int64_t began_ = 0;  // the first byte of the request being read
  std::optional<std::int64_t> due_;
  std::string received_;
  std::size_t used_ = 0;
  std::size_t needed_ = 0;
  std::size_t drained_ = 0;
  Request request_;
  RequestState state_;
  WirePlan plan_;
  std::size_t step_ = 0;
  std::size_t sent_ = 0;
  bool paused_ = false;  // the present step's pause is over
};

}  // namespace mock

#include "sessionvitals/engine/net/dial.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "sessionvitals/engine/fork.h"
#include "sessionvitals/engine/http/head.h"

namespace sessionvitals::engine {
namespace {

// A name with more addresses than this is tried no further.
constexpr std::size_t kMaxAddresses = 64;
// A proxy's answer to CONNECT has no use for more.
constexpr std::size_t kMaxTunnelAnswer = std::size_t{16} * 1024;

// How soon to look again at what has no descriptor to wait for.
constexpr std::chrono::milliseconds kLookInterval{5};

/// Puts the families in turn, beginning with that of the first address, as RFC
/// 8305 s4 has it.
std::vector<Address> interleaved(const std::vector<Address>& addresses) {
  std::array<std::vector<Address>, 2> families;
  for (const Address& address : addresses) {
    families[address.is_v6() == addresses.front().is_v6() ? 0 : 1].push_back(address);
  }
  std::vector<Address> result;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    for (const auto& family : families) {
      if (i < family.size()) result.push_back(family[i]);
    }
  }
  if (result.size() > kMaxAddresses) result.resize(kMaxAddresses);
  return result;
}

int open_socket(const Address& address) {
  const int opened =
      ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
  if (opened < 0) return -1;
  register_socket(opened);
  const int yes = 1;
  ::setsockopt(opened, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return opened;
}

int pending_error(int descriptor) {
  int problem = 0;
  socklen_t size = sizeof problem;
  ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &problem, &size);
  return problem;
}

bool has_answered(int descriptor) {
  pollfd polled{descriptor, POLLOUT, 0};
  return ::poll(&polled, 1, 0) > 0;
}

}  // namespace

Dial::Dial(const Route& route, const TlsResumption* resumption, Clock::time_point deadline)
    : route_(route), generation_(fork_generation()), resumption_(resumption), deadline_(deadline) {
  const bool by_proxy = route.proxy.has_value();
  lookup_ = std::make_unique<Lookup>(by_proxy ? route.proxy->host : route.url.host,
                                     by_proxy ? route.proxy->port : route.url.port);
}

Dial::~Dial() {
  if (generation_ != fork_generation()) return;  // closed already, see fork.h
  for (const Attempt& attempt : attempts_) close_socket(attempt.descriptor);
}

Dial::Progress Dial::fail(std::string error) {
  error_ = std::move(error);
  return Progress::failed;
}

std::string Dial::describe_target() const {
  return route_.proxy ? "the proxy " + route_.proxy->host : route_.url.host;
}

Dial::Progress Dial::step(Clock::time_point now, WaitSet& waiting) {
  waiting.clear();
  switch (phase_) {
    case Phase::resolve:
      return resolve(now, waiting);
    case Phase::connect:
      return connect(now, waiting);
    case Phase::proxy:
      return open_tunnel(waiting);
    default:
      return connection_->tls() != nullptr ? handshake(waiting) : begin_tls(waiting);
  }
}

Dial::Progress Dial::resolve(Clock::time_point now, WaitSet& waiting) {
  if (!lookup_->is_done()) {
    waiting.add(lookup_->descriptor(), POLLIN);
    if (lookup_->descriptor() < 0) waiting.until = now + kLookInterval;
    return Progress::waiting;
  }
  Resolved& resolved = lookup_->result();
  if (resolved.addresses.empty()) {
    return fail("The name of " + describe_target() + " could not be resolved (" + resolved.error +
                "). Check the host in the " + (route_.proxy ? "proxy's" : "base") +
                " URL, and the network.");
  }
  addresses_ = interleaved(resolved.addresses);
  lookup_.reset();
  // An equal share of what is left for each address, and one for what comes after the connect.
  const auto share = (deadline_ - now) / static_cast<Clock::rep>(addresses_.size() + 1);
  stagger_ = std::clamp<Clock::duration>(share, kShortestStagger, kStagger);
  phase_ = Phase::connect;
  return connect(now, waiting);
}

void Dial::note_failure(std::size_t address, int problem) {
  if (!failures_.empty()) failures_ += "; ";
  failures_ += format_address(addresses_[address]) + ": " + std::system_category().message(problem);
}

void Dial::begin_attempt(std::size_t index) {
  const Address& address = addresses_[index];
  address_ = format_address(address);
  const int opened = open_socket(address);
  if (opened < 0) {
    is_out_of_files_ = errno == EMFILE || errno == ENFILE;
    return note_failure(index, errno);
  }
  const auto* name = reinterpret_cast<const sockaddr*>(&address.storage);
  if (::connect(opened, name, address.size) == 0 || errno == EINPROGRESS || errno == EINTR) {
    attempts_.push_back({opened, index});
    return;
  }
  note_failure(index, errno);
  close_socket(opened);
}

Dial::Progress Dial::connect(Clock::time_point now, WaitSet& waiting) {
  for (std::size_t i = 0; i < attempts_.size();) {
    const Attempt attempt = attempts_[i];
    if (!has_answered(attempt.descriptor)) {
      ++i;
      continue;
    }
    const int problem = pending_error(attempt.descriptor);
    attempts_.erase(attempts_.begin() + static_cast<std::ptrdiff_t>(i));
    if (problem == 0) return settle(attempt, waiting);
    note_failure(attempt.address, problem);
    close_socket(attempt.descriptor);
    stagger_end_ = now;  // no reason to wait for this one any more
  }
  while (next_ < addresses_.size() && (attempts_.empty() || now >= stagger_end_)) {
    if (attempts_.size() == WaitSet::kMax) {
      // The one that had the most time makes room.
      note_failure(attempts_.front().address, ETIMEDOUT);
      close_socket(attempts_.front().descriptor);
      attempts_.erase(attempts_.begin());
    }
    const std::size_t others = attempts_.size();
    begin_attempt(next_++);
    stagger_end_ = attempts_.size() > others ? now + stagger_ : now;
    // Loopback connects at once, and then there is nothing to race.
    if (!attempts_.empty() && has_answered(attempts_.back().descriptor)) {
      return connect(now, waiting);
    }
  }
  if (attempts_.empty()) {
    return fail("No connection to " + describe_target() + " (" + failures_ + "). " +
                (is_out_of_files_
                     ? "Raise the limit of open files, or lower max_connections."
                     : "Check that the server runs there and that no firewall is in between."));
  }
  for (const Attempt& attempt : attempts_) waiting.add(attempt.descriptor, POLLOUT);
  if (next_ < addresses_.size()) waiting.until = stagger_end_;
  return Progress::waiting;
}

Dial::Progress Dial::settle(const Attempt& winner, WaitSet& waiting) {
  for (const Attempt& loser : attempts_) close_socket(loser.descriptor);
  attempts_.clear();
  // Blocking from here on, so that a receive can wait by itself; what must not
  // wait says so on each call.
  ::fcntl(winner.descriptor, F_SETFL, ::fcntl(winner.descriptor, F_GETFL) & ~O_NONBLOCK);
  address_ = format_address(addresses_[winner.address]);
  connection_ = std::make_unique<Connection>(winner.descriptor, address_);
  if (!route_.url.is_tls) return Progress::connected;
  if (!route_.proxy) return begin_tls(waiting);

  phase_ = Phase::proxy;
  const std::string target = bracketed(route_.url.host) + ":" + std::to_string(route_.url.port);
  buffer_ = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
  if (!route_.proxy->authorization.empty()) {
    buffer_ += "Proxy-Authorization: " + route_.proxy->authorization + "\r\n";
  }
  buffer_ += "\r\n";
  return open_tunnel(waiting);
}

Dial::Progress Dial::open_tunnel(WaitSet& waiting) {
  waiting.clear();
  std::size_t moved = 0;
  while (!is_tunnel_sent_) {
    const Io io = connection_->send(buffer_.data() + sent_, buffer_.size() - sent_, moved);
    sent_ += moved;
    if (io == Io::failed) return fail("The proxy broke off (" + connection_->error() + ").");
    if (io == Io::wants_write) {
      waiting.add(connection_->descriptor(), POLLOUT);
      return Progress::waiting;
    }
    if (sent_ == buffer_.size()) {
      is_tunnel_sent_ = true;
      buffer_.clear();
    }
  }
  for (;;) {
    std::array<char, 2048> bytes;
    const Io io = connection_->receive(bytes.data(), bytes.size(), moved, false);
    if (io == Io::wants_read) {
      waiting.add(connection_->descriptor(), POLLIN);
      return Progress::waiting;
    }
    if (io != Io::done) {
      return fail("The proxy " + route_.proxy->host +
                  " closed the connection instead of opening a tunnel. Check that it is an HTTP "
                  "proxy and allows this host.");
    }
    buffer_.append(bytes.data(), moved);
    if (find_end_of_head(buffer_, 0) != 0) return read_tunnel_answer(waiting);
    if (buffer_.size() > kMaxTunnelAnswer) {
      return fail("The proxy answered with more than 16 KiB. Check that it is an HTTP proxy.");
    }
  }
}

Dial::Progress Dial::read_tunnel_answer(WaitSet& waiting) {
  const std::size_t size = find_end_of_head(buffer_, 0);
  Head head;
  // A tunnel's answer has no body, whatever its head says (RFC 9110 s9.3.6).
  const auto violation = read_head(std::string_view(buffer_).substr(0, size), "HEAD", head);
  if (violation) {
    return fail("The proxy does not speak HTTP: expected " + violation->expected + ", found " +
                violation->found + ".");
  }
  if (head.http_status < 200 || head.http_status > 299) {
    is_final_ = head.http_status == 407 || head.http_status == 403;
    return fail("The proxy " + route_.proxy->host + " refused the tunnel with HTTP status " +
                std::to_string(head.http_status) +
                advice_for_refusal(head.http_status, *route_.proxy));
  }
  if (size != buffer_.size()) return fail("The proxy sent more than its answer to CONNECT.");
  return begin_tls(waiting);
}

Dial::Progress Dial::begin_tls(WaitSet& waiting) {
  phase_ = Phase::tls;
  auto context = TlsContext::find_or_load(route_.options);
  if (!context) {
    is_final_ = true;
    return fail(context.error().message());
  }
  if (*context == nullptr) {
    waiting.clear();
    waiting.until = Clock::now() + kLookInterval;
    return Progress::waiting;
  }
  auto session = TlsSession::open(*context, connection_->descriptor(),
                                  without_final_dot(route_.url.host), resumption_);
  if (!session) return fail(session.error().message());
  connection_->set_tls(*std::move(session));
  return handshake(waiting);
}

Dial::Progress Dial::handshake(WaitSet& waiting) {
  waiting.clear();
  switch (connection_->tls()->handshake()) {
    case Io::done:
      connection_->note_tls_version();
      return Progress::connected;
    case Io::wants_read:
      waiting.add(connection_->descriptor(), POLLIN);
      return Progress::waiting;
    case Io::wants_write:
      waiting.add(connection_->descriptor(), POLLOUT);
      return Progress::waiting;
    case Io::again:
      waiting.until = WaitSet::kAtOnce;
      return Progress::waiting;
    default:
      is_final_ = connection_->tls()->is_final();
      return fail(connection_->tls()->error());
  }
}

}  // namespace sessionvitals::engine

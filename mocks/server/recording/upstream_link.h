// A connection to a real server, blocking, plain or under TLS, for one request.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "recording/upstream.h"

namespace mock {

class UpstreamLink {
 public:
  virtual ~UpstreamLink() = default;
  /// Sends all of it; false when the server does not take it within 30 s.
  virtual bool send(std::string_view bytes) = 0;
  enum class Received { some, end, failed };
  /// Appends what comes next; `end` when the server has said that no more comes, `failed` when the
  /// connection broke or nothing came within 30 s.
  virtual Received receive(std::string& bytes) = 0;
};

/// Null with `problem` set when the server cannot be reached or is not trusted. The only call that
/// waits for a name to be resolved.
std::unique_ptr<UpstreamLink> connect_to(const Upstream& upstream, std::string& problem);

}  // namespace mock

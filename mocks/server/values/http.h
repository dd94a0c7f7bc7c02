// The two messages of an exchange as the mock sees them, and the rule an answer follows.
// Values only: no socket, no parsing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "values/text.h"

namespace mock {

/// Where a piece of behaviour comes from: shown to the caller in a response header, so that nobody
/// has to guess whether an answer is the vendor's word or a reading of it.
struct Rule {
  std::string_view text;
  std::string_view provenance;  // seed, vendor, wire, standard, inferred, or mock for our own doing
  std::string_view source;
};

struct Header {
  std::string name;
  std::string value;
};

/// One request, its header lines in the order and spelling in which they came.
struct Request {
  std::string method;
  std::string target;
  std::vector<Header> headers;
  std::string body;
  bool keep_alive = true;

  /// The first value of a header, or null.
  const std::string* header(std::string_view name) const;
};

/// Where a body stands in its answer.
enum class Piece {
  whole,  // all of it
  first,  // the head and a first chunk
  next,   // a chunk
  last,   // a chunk and the end; empty when only the end is left
};

struct Answer {
  int http_status = 200;
  std::vector<Header> headers;
  std::string body;
  const Rule* rule = nullptr;
  std::string reason = {};  // for 501: why it is refused and what is nearest
  Piece piece = Piece::whole;

  bool goes_on() const { return piece == Piece::first || piece == Piece::next; }
};

/// The bytes of the answer, or of this piece of it, for HTTP/1.1. A HEAD answer has the length but
/// not the body. `date` is the
/// space's virtual time as an HTTP date.
std::string to_bytes(const Answer& answer, bool head_only, bool close, std::string_view date);

std::string_view reason_phrase(int http_status);

}  // namespace mock

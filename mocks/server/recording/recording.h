// A recording: what a real server answered, with nothing in it that should not be seen.
//
// Kept: the method, the target, the status, the headers of an allow-list, the body. Not kept: any
// header of the request; members of bodies and queries whose name is a secret's; the keys that came
// with the request, wherever the answer repeats them. Ids of sessions, users, agents, clients and
// whatever else is named so become pseudonyms, made from the id and a salt of the file: replaying,
// the same id is recognised, but it cannot be read.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "values/http.h"
#include "values/json.h"
#include "vendors/target.h"

namespace mock {

struct Exchange {
  std::string method;
  std::string target;  // the id in it is a pseudonym
  int http_status = 0;
  std::vector<Header> headers;
  std::string body;
};

class Recording {
 public:
  explicit Recording(std::string salt) : salt_(std::move(salt)) {}

  /// Throws BadRequest when the text is no recording.
  static Recording parse(const std::string& text);
  std::string text() const;

  void add(const Request& request, const Target& target, const RouteFound& found,
           const Answer& answer);
  std::size_t size() const { return exchanges_.size(); }

  /// The next answer recorded for such a request; the last one again when there are no more. Null
  /// when there never was one. `played` counts, by what is returned here, for one space.
  const Exchange* next(const Request& request, const Target& target, const RouteFound& found,
                       std::map<std::string, std::size_t>& played) const;

  /// An exchange's body as it was, for a client that knows the id.
  std::string body_for(const Exchange& exchange, const RouteFound& found) const;

 private:
  std::string pseudonym(std::string_view id) const;
  std::string without_ids(std::string body, const Request& request, const RouteFound& found) const;
  std::string without_ids_in_query(std::string_view query) const;
  std::string key_of(const Request& request, const Target& target, const RouteFound& found,
                     bool by_pseudonym) const;

  std::string salt_;
  std::vector<Exchange> exchanges_;
  std::map<std::string, std::vector<std::size_t>> by_key_;  // "METHOD target"
};

}  // namespace mock

// The command line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace mock {

struct Options {
  std::string host = "127.0.0.1";
  std::vector<std::string> allow_hosts;    // names that the admin interface is reached by
  std::vector<std::string> allow_origins;  // pages that may use the admin interface
  std::string admin_token;
  bool insecure_admin = false;
  bool dashboard = false;     // also with --record
  bool no_dashboard = false;  // neither its page nor its events

  bool has_dashboard() const { return dashboard || (!no_dashboard && record.empty()); }
  std::uint16_t port = 8750;
  std::string scenario;
  std::string record;     // the server to stand before
  std::string record_to;  // the file of the recording
  std::string ca_file;    // the authorities that a server asked by us is to be known by
  std::string replay;
  std::string diff;      // the server to compare with the contract
  std::string provider;  // whose exchanges to compare
  std::string contracts = "mocks/contracts";
  std::uint64_t seed = 0;
  bool seed_given = false;
  std::size_t sandbox_bytes = 512 * 1024 * 1024;
  std::size_t journal_bytes = 4 * 1024 * 1024;
  bool exit_with_parent = false;
  bool tls = false;
  bool watch = false;
  bool help = false;
  bool version = false;
  bool env = false;
  std::string problem;  // what is wrong with the command line; empty when nothing
};

Options read_options(const std::vector<std::string>& arguments);
extern const char* const kUsage;

}  // namespace mock

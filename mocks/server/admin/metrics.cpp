// What the mock has done and holds, in the text format of Prometheus, version 0.0.4.
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "admin/calls.h"
#include "mock.h"

namespace mock {

namespace {

/// Spaces after so many have one name together, as each label is kept for good by who collects.
constexpr std::size_t kMaxNamed = 100;

using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

// Labels are ours or the vendors' words, and names of spaces, which have nothing to escape.
std::string written(Labels labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    text.append(text.empty() ? "{" : ",").append(name).append("=\"").append(value).append("\"");
  }
  return text.empty() ? text : text + "}";
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", value);
  return text;
}

/// One metric. What has equal labels is one number.
class Family {
 public:
  Family(std::string_view name, std::string_view type, std::string_view help)
      : name_("sessionvitals_mock_"), head_() {
    if (name.starts_with("process_")) name_.clear();
    name_.append(name);
    head_.append("# HELP ").append(name_).append(" ").append(help).append("\n# TYPE ");
    head_.append(name_).append(" ").append(type).append("\n");
  }

  void add(Labels labels, std::uint64_t value) { counts_[written(labels)] += value; }
  void set(Labels labels, double value) { numbers_.emplace(written(labels), value); }

  void write_to(std::string& text) const {
    if (counts_.empty() && numbers_.empty()) return;
    text.append(head_);
    for (const auto& [labels, value] : counts_) {
      text.append(name_).append(labels).append(" ").append(std::to_string(value)).append("\n");
    }
    for (const auto& [labels, value] : numbers_) {
      text.append(name_).append(labels).append(" ").append(number(value)).append("\n");
    }
  }

 private:
  std::string name_;
  std::string head_;
  std::map<std::string, std::uint64_t> counts_;
  std::map<std::string, double> numbers_;
};

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

/// In bytes; 0 where the system does not say.
std::uint64_t resident_memory() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  file >> all >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

void write_process(const Mock& mock, std::string& text) {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  Family cpu("process_cpu_seconds_total", "counter", "Processor time of the mock.");
  cpu.set({}, seconds_of(used.ru_utime) + seconds_of(used.ru_stime));
  Family memory("process_resident_memory_bytes", "gauge", "Resident memory of the mock.");
  memory.add({}, resident_memory());
  Family start("process_start_time_seconds", "gauge", "When the mock started, since 1970.");
  start.set({}, static_cast<double>(mock.started_at()) / 1000);
  for (const Family* family : {&cpu, &memory, &start}) family->write_to(text);
}

}  // namespace

Answer show_metrics(AdminCall& call) {
  Family requests("requests_total", "counter", "Requests to the vendors' paths, as answered.");
  Family faults("faults_fired_total", "counter", "Faults that requests and connections met.");
  Family dropped("journal_dropped_total", "counter", "Requests that the journal has no room for.");
  Family offset("clock_offset_seconds", "gauge", "The space's clock less the machine's.");
  Family connections("connections_open", "gauge", "Connections that are open.");
  connections.add({}, call.mock.connections());
  std::size_t named = 0;
  const Time now = real_now();
  for (const Space* space : call.mock.spaces().in_order()) {
    const bool is_named = ++named <= kMaxNamed;
    const std::string_view name = is_named ? std::string_view(space->name()) : "other";
    for (const auto& [key, counter] : space->journal.counted()) {
      const auto& [provider, operation, http_status] = key;
      requests.add({{"space", name},
                    {"provider", provider},
                    {"operation", operation},
                    {"status", std::to_string(http_status)}},
                   counter.seen);
    }
    for (const auto& [kind, fired] : space->faults.fired()) {
      faults.add({{"space", name}, {"kind", kind}}, fired);
    }
    dropped.add({{"space", name}}, space->journal.evicted());
    if (is_named) {
      offset.set({{"space", name}}, static_cast<double>(space->clock.now() - now) / 1000);
    }
  }
  std::string text;
  for (const Family* family : {&requests, &faults, &connections, &dropped, &offset}) {
    family->write_to(text);
  }
  write_process(call.mock, text);
  return {.http_status = 200,
          .headers = {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}},
          .body = std::move(text),
          .rule = nullptr,
          .reason = ""};
}

}  // namespace mock

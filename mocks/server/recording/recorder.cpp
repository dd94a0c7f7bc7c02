// --record: each request is passed on by a thread of its own, so that a slow server holds up nobody
// else; the loop is woken when the answer is there.
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <exception>
#include <random>
#include <system_error>
#include <thread>

#include "recording/response_source.h"
#include "recording/upstream.h"
#include "sandbox/files.h"

namespace mock {

namespace {

constexpr Rule kPassedOn{"mock: passed on to the server being recorded", "mock", "mocks/README.md"};
constexpr Rule kNoAnswer{"mock: the server being recorded gave no answer", "mock",
                         "mocks/README.md"};

// More at once would be more threads than a recording has any need of.
constexpr int kMaxAtOnce = 64;
constexpr std::int64_t kMax = 60000;

}  // namespace

struct UpstreamRequest {
  std::atomic<bool> done = false;
  UpstreamAnswer answer;
};

namespace {

class Recorder final : public ResponseSource {
 public:
  Recorder(Upstream upstream, std::string file)
      : upstream_(std::move(upstream)), file_(std::move(file)), recording_(drawn_salt()) {}
  // The descriptor stays open: a thread that outlives the loop may still write to it.
  ~Recorder() override = default;

  std::optional<Answer> answer(const Request& request, const Target& target,
                               const RouteFound& found, Space&, SourceState& state) override {
    if (!state.under_way) {
      if (*under_way_ >= kMaxAtOnce) return failed(503, "too many requests at once");
      try {
        state.under_way = send(request, target);
      } catch (const std::system_error&) {
        return failed(503, "no thread could be started for the request");
      }
      return std::nullopt;
    }
    const UpstreamRequest& job = *state.under_way;
    if (!job.done) {
      if (monotonic_now() - state.asked_at < kMax) return std::nullopt;
      return failed(504, "no answer in a minute");
    }
    if (!job.answer.problem.empty()) return failed(502, job.answer.problem);
    Answer answer{.http_status = job.answer.http_status, .headers = {}, .body = job.answer.body};
    answer.rule = &kPassedOn;
    for (const Header& header : job.answer.headers) {
      // The mock writes a date of its own.
      if (is_hop_by_hop(header.name) || equals_ignoring_case(header.name, "date")) continue;
      answer.headers.push_back(header);
    }
    recording_.add(request, target, found, answer);
    return answer;
  }

  int wake_up() const override { return wake_up_; }

  bool drain() override {
    std::uint64_t count = 0;
    return ::read(wake_up_, &count, sizeof count) == sizeof count;
  }

  std::string finish() override {
    // A run in which nothing was recorded leaves an earlier recording alone.
    if (recording_.size() == 0 && ::access(file_.c_str(), F_OK) == 0) return "";
    return replace_file(file_, recording_.text());
  }

 private:
  static std::string drawn_salt() {
    std::random_device device;
    std::string salt;
    for (int i = 0; i < 32; ++i) salt += "0123456789abcdef"[device() & 15];
    return salt;
  }

  static Answer failed(int http_status, const std::string& why) {
    const Json body = {{"error", {{"code", "upstream"}, {"message", why}}}};
    return {.http_status = http_status,
            .headers = {{"Content-Type", "application/json"}},
            .body = to_text(body) + "\n",
            .rule = &kNoAnswer};
  }

  std::shared_ptr<UpstreamRequest> send(Request request, const Target& target) {
    request.target = std::string(target.path);
    if (!target.query.empty()) request.target.append("?").append(target.query);
    auto job = std::make_shared<UpstreamRequest>();
    // All that the thread uses is its own or shared, so that the process can end without it.
    std::thread thread([job, request = std::move(request), upstream = upstream_, wake_up = wake_up_,
                        under_way = under_way_] {
      try {
        job->answer = ask(upstream, request);
      } catch (const std::exception& problem) {  // out of memory
        job->answer = {.http_status = 0, .headers = {}, .body = {}, .problem = problem.what()};
      }
      job->done = true;
      --*under_way;
      const std::uint64_t one = 1;
      [[maybe_unused]] const ssize_t written = ::write(wake_up, &one, sizeof one);
    });
    ++*under_way_;
    thread.detach();
    return job;
  }

  Upstream upstream_;
  std::string file_;
  Recording recording_;
  int wake_up_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  std::shared_ptr<std::atomic<int>> under_way_ = std::make_shared<std::atomic<int>>(0);
};

}  // namespace

std::unique_ptr<ResponseSource> make_recorder(const Options& options, std::string& problem) {
  Upstream upstream = parse_upstream(options.record, options.ca_file);
  problem = upstream.problem;
  if (!problem.empty()) return nullptr;
  problem = problem_with_replacing(options.record_to);  // told at once, not after the recording
  if (!problem.empty()) return nullptr;
  return std::make_unique<Recorder>(std::move(upstream), options.record_to);
}

}  // namespace mock

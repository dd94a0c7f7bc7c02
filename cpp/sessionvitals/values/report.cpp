#include "sessionvitals/report.h"

#include <array>
#include <cstddef>

namespace sessionvitals {

std::string_view phase_name(Phase phase) {
  constexpr std::array<std::string_view, 9> kNames = {"queue", "resolve", "connect", "proxy", "tls",
                                                      "send",  "receive", "done",    "wait"};
  return kNames[static_cast<std::size_t>(phase)];
}

void Attempts::push_back(Attempt&& one) {
  if (empty()) {
    first_ = std::move(one);
    all_.reset(&only_first_);
    return;
  }
  if (!has_many()) {
    all_.reset(new std::vector<Attempt>());
    all_->push_back(std::move(first_));
  }
  all_->push_back(std::move(one));
}

}  // namespace sessionvitals

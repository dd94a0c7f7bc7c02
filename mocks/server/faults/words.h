// The names of the kinds of fault, shared by the script's parser and the JSON form.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "faults/faults.h"

namespace mock {

inline constexpr std::array<std::pair<std::string_view, FaultKind>, 16> kFaultWords{{
    {"ok", FaultKind::ok},
    {"status", FaultKind::status},
    {"delay", FaultKind::delay},
    {"jitter", FaultKind::jitter},
    {"reset", FaultKind::reset},
    {"close", FaultKind::close},
    {"cut", FaultKind::cut},
    {"dribble", FaultKind::dribble},
    {"garbage", FaultKind::garbage},
    {"wrong_length", FaultKind::wrong_length},
    {"stall", FaultKind::stall},
    {"duplicate", FaultKind::duplicate},
    {"reorder", FaultKind::reorder},
    {"drop_event", FaultKind::drop_event},
    {"bad_line", FaultKind::bad_line},
    {"big_event", FaultKind::big_event},
}};

/// Whether it harms the events of a stream and nothing else.
inline bool is_for_streams(FaultKind kind) { return kind >= FaultKind::duplicate; }

/// Throws BadRequest unless the fault makes sense; fills in what was left out.
void complete(Fault& fault, const std::string& member);

}  // namespace mock

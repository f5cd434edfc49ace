// Finds a network among the tensors of a file, wherever the program that wrote it has put it.
//
// Programs wrap networks in others: "module." (DataParallel), "_orig_mod." (torch.compile),
// "backbone.", "encoder_q.", "teacher.backbone." and so on, in any combination. No list of these
// could be complete, so the network's own names decide: whatever stands before all of them is the
// nesting. nn.Sequential numbers the parts of a network instead of naming them ("backbone.0.weight"
// for "conv1.weight"); these numbers are understood from the order of the parts.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "nolabel/weights/state_dict.h"

namespace nolabel {

struct FoundNetwork {
  std::string prefix;  // what stood before its names: "teacher.backbone.", or nothing
  StateDict state;     // the tensors under it, by the network's own names
  // Where the file has further networks of the same names (student and teacher, query and key).
  std::vector<std::string> others;
};

// `state` without the parts of names that wrappers around any module add, wherever they stand:
// "module", "_orig_mod", and what FSDP, checkpointing and Lightning Fabric use. A name that would
// then stand twice keeps them.
StateDict without_wrappers(const StateDict& state);

// Only the entries under `prefix`, without it.
StateDict under_prefix(const StateDict& state, std::string_view prefix);

// The network that has at least half of `names` (numbered: all), which are some of its tensors in
// the order of its parts: "conv1.weight", "bn1.weight", "layer1.0.conv1.weight". Several that have
// equally many: the teacher before others; a student, a momentum, target, key or EMA network last;
// otherwise the first in the file. None: there is no such network.
std::optional<FoundNetwork> find_network(const StateDict& state,
                                         std::span<const std::string> names);

// "holds networks under student.backbone and teacher.backbone; nolabel takes teacher.backbone", or
// nothing when there is only one.
std::string choice_note(const FoundNetwork& found);

// For messages: "a, b, c and 30 more".
std::string some_names(const StateDict& state);

}  // namespace nolabel

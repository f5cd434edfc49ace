#include "nolabel/weights/nesting.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

#include "nolabel/base/format.h"

namespace nolabel {
namespace {

constexpr std::array wrapper_parts = {"module", "_orig_mod", "_fsdp_wrapped_module",
                                      "_checkpoint_wrapped_module", "_forward_module"};
constexpr size_t names_shown = 6;

// "a.b.c" -> "a", "b", "c"
std::vector<std::string_view> split(std::string_view name, std::string_view separators) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t end = name.find_first_of(separators);
    parts.push_back(name.substr(0, end));
    if (end == std::string_view::npos) return parts;
    name.remove_prefix(end + 1);
  }
}

std::string unwrapped(const std::string& name) {
  std::string result;
  for (const std::string_view part : split(name, ".")) {
    if (std::ranges::count(wrapper_parts, part) > 0) continue;
    if (!result.empty()) result += '.';
    result += part;
  }
  return result;
}

std::string first_part(std::string_view name) {
  return std::string(name.substr(0, name.find('.')));
}

std::optional<int> number(std::string_view part) {
  int value = 0;
  const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
  const bool is_number = error == std::errc() && end == part.data() + part.size() && value >= 0;
  return is_number ? std::optional(value) : std::nullopt;
}

// Low comes first. Words of the prefix say what kind of copy of the network it is.
int preference(std::string_view prefix) {
  constexpr std::array copies = {"student", "momentum", "target", "key", "k", "ema", "old"};
  int worst = 1;
  for (const std::string_view word : split(prefix, "._")) {
    if (word == "teacher") return 0;
    if (std::ranges::count(copies, word) > 0) worst = 2;
  }
  return worst;
}

struct Candidate {
  std::string prefix;
  size_t matches = 0;
  size_t position = 0;                       // of its first tensor in the file
  std::map<std::string, std::string> parts;  // numbers and what they stand for; empty: named
};

using Positions = std::unordered_map<std::string_view, size_t>;  // of names in the file

// Prefixes under which the names stand as they are.
void add_named(const StateDict& state, std::span<const std::string> names,
               std::vector<Candidate>& candidates) {
  std::unordered_map<std::string, Candidate> by_prefix;
  for (size_t i = 0; i < state.size(); ++i) {
    const std::string_view entry = state[i].name;
    for (const std::string_view name : names) {
      if (!entry.ends_with(name)) continue;
      const std::string prefix(entry.substr(0, entry.size() - name.size()));
      if (!prefix.empty() && !prefix.ends_with('.')) continue;
      Candidate& candidate = by_prefix[prefix];
      if (candidate.matches++ == 0) candidate.position = i;
    }
  }
  for (auto& [prefix, candidate] : by_prefix) {
    candidate.prefix = prefix;
    candidates.push_back(std::move(candidate));
  }
}

// Prefixes under which numbers stand for the network's parts, in their order.
void add_numbered(const StateDict& state, std::span<const std::string> names,
                  const Positions& positions, std::vector<Candidate>& candidates) {
  std::vector<std::string> parts;
  for (const std::string_view name : names) {
    const std::string part = first_part(name);
    if (parts.empty() || parts.back() != part) parts.push_back(part);
  }
  std::map<std::string, std::set<int>> numbers;  // by prefix
  for (const NamedTensor& entry : state) {
    size_t begin = 0;
    for (const std::string_view part : split(entry.name, ".")) {
      if (const auto found = number(part)) numbers[entry.name.substr(0, begin)].insert(*found);
      begin += part.size() + 1;
    }
  }
  for (const auto& [prefix, found] : numbers) {
    if (found.size() < parts.size()) continue;
    Candidate candidate{.prefix = prefix, .position = state.size(), .parts = {}};
    std::map<std::string, std::string> number_of;
    auto next = found.begin();
    for (const std::string& part : parts) {
      number_of[part] = std::to_string(*next);
      candidate.parts[std::to_string(*next++)] = part;
    }
    for (const std::string_view name : names) {
      const std::string part = first_part(name);
      const std::string entry = prefix + number_of[part] + std::string(name.substr(part.size()));
      const auto position = positions.find(entry);
      if (position == positions.end()) continue;
      ++candidate.matches;
      candidate.position = std::min(candidate.position, position->second);
    }
    // Numbers fit anything, as a list of heads: only all of the names tell a network.
    if (candidate.matches == names.size()) candidates.push_back(std::move(candidate));
  }
}

StateDict state_of(const StateDict& state, const Candidate& candidate) {
  StateDict result = under_prefix(state, candidate.prefix);
  if (candidate.parts.empty()) return result;
  StateDict named;
  for (NamedTensor& entry : result) {
    const std::string part = first_part(entry.name);
    const auto found = candidate.parts.find(part);
    if (found == candidate.parts.end()) continue;  // what follows the network in its Sequential
    named.push_back({found->second + entry.name.substr(part.size()), entry.tensor});
  }
  return named;
}

std::string shown(std::string prefix) {
  if (prefix.empty()) return "the top";
  prefix.pop_back();
  return prefix;
}

}  // namespace

StateDict without_wrappers(const StateDict& state) {
  std::unordered_map<std::string, int> uses;
  for (const NamedTensor& entry : state) ++uses[unwrapped(entry.name)];
  StateDict result = state;
  for (NamedTensor& entry : result) {
    std::string name = unwrapped(entry.name);
    if (!name.empty() && uses[name] == 1) entry.name = std::move(name);
  }
  return result;
}

StateDict under_prefix(const StateDict& state, std::string_view prefix) {
  StateDict result;
  for (const auto& [name, tensor] : state) {
    if (name.starts_with(prefix)) result.push_back({name.substr(prefix.size()), tensor});
  }
  return result;
}

std::optional<FoundNetwork> find_network(const StateDict& state,
                                         std::span<const std::string> names) {
  Positions positions;
  for (size_t i = 0; i < state.size(); ++i) positions.emplace(state[i].name, i);
  std::vector<Candidate> candidates;
  add_named(state, names, candidates);
  add_numbered(state, names, positions, candidates);
  size_t most = 0;
  for (const Candidate& candidate : candidates) most = std::max(most, candidate.matches);
  if (2 * most < names.size() || most == 0) return std::nullopt;
  std::erase_if(candidates, [most](const Candidate& c) { return c.matches < most; });
  std::ranges::sort(candidates, {}, [](const Candidate& c) {
    return std::tuple(preference(c.prefix), c.position, c.prefix);
  });
  FoundNetwork found{
      .prefix = candidates[0].prefix, .state = state_of(state, candidates[0]), .others = {}};
  for (size_t i = 1; i < candidates.size(); ++i) found.others.push_back(candidates[i].prefix);
  return found;
}

std::string choice_note(const FoundNetwork& found) {
  if (found.others.empty()) return "";
  std::string places = shown(found.prefix);
  for (size_t i = 0; i < found.others.size(); ++i) {
    places += format(i + 1 == found.others.size() ? " and {}" : ", {}", shown(found.others[i]));
  }
  return format("holds networks under {}; nolabel takes {}", places, shown(found.prefix));
}

std::string some_names(const StateDict& state) {
  std::string text;
  for (size_t i = 0; i < state.size() && i < names_shown; ++i) {
    text += format(i == 0 ? "{}" : ", {}", state[i].name);
  }
  if (state.size() > names_shown) text += format(" and {} more", state.size() - names_shown);
  return text;
}

}  // namespace nolabel

#include <algorithm>
#include <cctype>

#include "nolabel/base/error.h"
#include "nolabel/config/schema.h"
#include "nolabel/config/unknown_setting.h"
#include "nolabel/config/value_text.h"

namespace nolabel {
namespace {

// Case and the choice of dash or underscore are no difference.
std::string canonical(std::string_view name) {
  std::string result(name);
  for (char& c : result) {
    c = c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return result;
}

// Insertions, deletions, substitutions and swaps of neighboring letters (optimal string alignment).
int edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<int>> d(a.size() + 1, std::vector<int>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) d[i][0] = static_cast<int>(i);
  for (size_t j = 0; j <= b.size(); ++j) d[0][j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      const int substitution = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, substitution});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

std::string leaf(const std::string& name) {
  return name.substr(name.find_last_of('.') + 1);
}

}  // namespace

std::optional<std::string> nearest_name(std::string_view name,
                                        const std::vector<std::string>& known) {
  constexpr size_t longest = 80;  // more is no mistyped name
  const std::string wanted = canonical(name.substr(0, longest));
  // A third of the letters may differ; beyond that a suggestion is a guess.
  const int near_enough = std::max(1, static_cast<int>(wanted.size()) / 3);
  int best = near_enough + 1;
  std::optional<std::string> nearest;
  const auto consider = [&](const std::string& candidate, const std::string& spelling) {
    const int distance = edit_distance(wanted, canonical(spelling));
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  };
  for (const std::string& candidate : known) consider(candidate, candidate);
  // "lr" means "optimizer_kwargs.lr": people forget the group.
  for (const std::string& candidate : known) consider(candidate, leaf(candidate));
  return nearest;
}

void fail_unknown_setting(const Schema& schema, std::string_view name, std::string_view origin) {
  std::vector<std::string> known;
  std::string members;
  const std::string as_group = std::string(name) + ".";
  for (const Setting& setting : schema.settings()) {
    known.push_back(setting.name);
    if (!setting.name.starts_with(as_group)) continue;
    members += (members.empty() ? "" : ", ") + setting.name.substr(as_group.size());
  }
  if (!members.empty()) {
    fail_usage("{} must be a group of settings ({}). Received a single value. ({})", name, members,
               origin);
  }
  const auto nearest = nearest_name(name, known);
  fail_usage("unknown setting {}{} ({})", in_quotes(name),
             nearest ? ". Did you mean " + *nearest + "?" : std::string("."), origin);
}

}  // namespace nolabel

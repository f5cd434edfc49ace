// The document in which a person says how clusters should be. All keys are optional:
//
//   {"names": {"3": "cats"}, "merge": [[1, 4]], "split": [{"cluster": 2, "into": 2}],
//    "move": [{"path": "a/b.jpg", "to": 5}], "junk": ["c.jpg"], "keep": ["d.jpg"]}
//
// Paths are as in assignments.csv; base/path_text.h says how bytes outside UTF-8 stand in JSON.
// edited_clusters.h says what each key does.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "nolabel/edits/json_file.h"

namespace nolabel {

struct Edits {
  std::map<int, std::string> names = {};       // by cluster; an empty name takes the name away
  std::vector<std::vector<int>> merge = {};    // clusters that become one; the first keeps its id
  std::map<int, int> split = {};               // by cluster: into how many
  std::map<std::string, int> move = {};        // by path: to which cluster
  std::set<std::string> junk = {}, keep = {};  // paths
  bool operator==(const Edits&) const = default;
};

bool is_empty(const Edits& edits);
// Every path in move, junk and keep.
std::set<std::string> paths_of(const Edits& edits);

// Throws Error(Fault::usage), one line that names `file` and the value, for a document that is not
// as above or contradicts itself. Whether its clusters and paths exist is not looked at.
Edits parse_edits(std::string_view text, const std::filesystem::path& file);

// The same, of a value that is parsed already; errors are of the fault of `file`.
Edits edits_from_json(const nlohmann::json& json, const JsonFile& file);

// Equal edits give the same value, in which merges are sorted.
nlohmann::json edits_json(const Edits& edits);

}  // namespace nolabel

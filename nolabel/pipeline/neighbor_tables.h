// Stage 2: the nearest neighbors of every image, as two tables in the published layout.
#pragma once

#include <ATen/core/Tensor.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "nolabel/base/npy.h"
#include "nolabel/pipeline/artifact.h"
#include "nolabel/pipeline/environment.h"
#include "nolabel/pipeline/run_directory.h"
#include "nolabel/pipeline/settings.h"

namespace nolabel {

// What is mined: one row per image, and the labels if there are any.
struct MinedImages {
  at::Tensor features;      // [N,D] fp32, CPU
  std::vector<int> labels;  // for the neighbor accuracy that is reported; may be empty
};

// Throws Error(Fault::usage) for approximate search in a build without faiss. Before features are
// computed; declare_search() has refused settings of another search.
void require_search(const MineSettings& settings);

// MineSettings::advice of a command with the flags of declare_search(): names the one that shortens
// a long exact search. Empty where the search is another, or this build cannot follow it.
std::string search_advice(const MineSettings& settings);

// Mines both tables (kept if current) and returns {"train": {"1": accuracy, …}, "validation": …}
// where there are labels. `source` names what the features come from, for provenance: its hash and
// the data's fingerprint. k is clipped to N-1 with a warning; N = 1 is Error(Fault::data).
// settings.normalization center: on centered_unit_rows(), a copy of the features.
nlohmann::json run_mine(const RunDirectory& run, const MinedImages& train,
                        const MinedImages& validation, const MineSettings& settings,
                        const std::string& features_hash, const std::string& data_fingerprint,
                        const Environment& environment);

// A table for figures about these images: nothing, with a note, when there is none, or when it was
// mined on others. `data_fingerprint` is of the whole data, or only of the `part` in the table.
std::optional<Matrix<int64_t>> table_of(const std::filesystem::path& file,
                                        const std::string& data_fingerprint, int64_t images,
                                        const Environment& environment,
                                        DataPart part = DataPart::all);

}  // namespace nolabel

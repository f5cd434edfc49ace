// The result of a run as files for other programs: CSV, JSON lines and COCO (docs/formats.md,
// Export).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nolabel/image/decode.h"
#include "nolabel/pipeline/run_result.h"

namespace nolabel {

// With the columns path, cluster, name, confidence, runner_up, runner_up_confidence and status, and
// label if any image has one. A field that an image does not have is empty. Paths are written byte
// for byte.
std::string export_csv(const std::vector<ClusterIdentity>& clusters,
                       const std::vector<ResultImage>& images);

// One object per line with the same names. Keys that an image does not have are left out. Paths are
// as base/path_text.h writes them.
std::string export_json_lines(const std::vector<ClusterIdentity>& clusters,
                              const std::vector<ResultImage>& images);

// sizes [N] of the images, unset where nobody knows. `root` is the folder that their paths are seen
// from, or empty. Ids count from 1, those of categories in the order of `clusters`.
std::string export_coco(const std::vector<ClusterIdentity>& clusters,
                        const std::vector<ResultImage>& images,
                        const std::vector<std::optional<PixelSize>>& sizes,
                        const std::filesystem::path& root);

// How the texts above begin, whatever is in them: what an earlier export has written begins so.
inline constexpr std::string_view export_csv_beginning = "path,cluster,name,confidence,";
inline constexpr std::string_view export_json_lines_beginning = R"({"path":)";
inline constexpr std::string_view export_coco_beginning =
    R"({"info":{"description":"clusters of images, found without labels by nolabel")";

}  // namespace nolabel

// Tiny images, features and runs for the end-to-end tests. What costs seconds is made once per
// process.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "nolabel/base/csv.h"
#include "nolabel/base/npy.h"

namespace nolabel {

// A folder of this process; removed when it ends.
const std::filesystem::path& scratch();
// An empty folder in it.
std::filesystem::path new_folder(const std::string& name);
std::vector<CsvRow> read_csv(const std::filesystem::path& file);
// What the program gives with --json for these words; an empty object, and a failure of the test,
// when it ends with an error.
nlohmann::json result_of(const std::string& words);
// A copy of `from`, to be damaged.
std::filesystem::path copy_of(const std::filesystem::path& from, const std::string& name);

// Square PPM pictures, class<c>/<i>.ppm: one color and stripe per class, with noise drawn from
// `seed`.
void write_images(const std::filesystem::path& folder, int classes, int per_class,
                  uint64_t seed = 0, int side = 16);
// [per_class * classes, 8], rows of class c scattered around their own centre, the classes one
// after another.
Matrix<float> blobs(int classes, int per_class);

const std::filesystem::path& images();     // 3 classes of 8
const std::filesystem::path& backbone();   // a run with a pretext model of width 8
const std::filesystem::path& clustered();  // a run of it on images(), mined to self-labelled
// 900 rows of 3 classes as --features and --paths take them, and these two flags.
const std::string& feature_flags();

}  // namespace nolabel

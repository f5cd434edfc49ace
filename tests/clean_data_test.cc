// Near-duplicates and images that show nothing: who trains, who takes whose cluster, and what is
// said of each (docs/method.md, Clean data).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "nolabel/base/file.h"
#include "nolabel/base/format.h"
#include "nolabel/base/random.h"
#include "tests/program.h"
#include "tests/tiny_run.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// Random shapes of every size, as photos have them: values on finer and finer grids, each weaker.
class Scene {
 public:
  explicit Scene(uint32_t number) {
    for (int cells = 3; cells <= 24; cells *= 2) {
      Random random(number, Purpose::sample, static_cast<uint32_t>(cells));
      std::vector<double> values;
      for (int i = 0; i < 3 * (cells + 1) * (cells + 1); ++i) values.push_back(random.normal());
      grids_.push_back({cells, std::move(values)});
    }
  }

  // The part between these shares of the sides, as a PPM picture.
  std::string picture(int side, double first = 0, double last = 1) const {
    std::string text = format("P6 {} {} 255\n", side, side);
    for (int y = 0; y < side; ++y) {
      for (int x = 0; x < side; ++x) {
        const auto place = [&](int i) { return first + (last - first) * (i + 0.5) / side; };
        for (int c = 0; c < 3; ++c) text += level(place(y), place(x), c);
      }
    }
    return text;
  }

 private:
  struct Grid {
    int cells;
    std::vector<double> values;  // [cells + 1, cells + 1, 3]
  };

  char level(double y, double x, int c) const {
    double sum = 128;
    for (const Grid& grid : grids_) {
      const double row = y * grid.cells, column = x * grid.cells;
      const int i = static_cast<int>(row), j = static_cast<int>(column);
      const double v = row - i, u = column - j;
      const auto at = [&](int a, int b) {
        return grid.values[static_cast<size_t>((a * (grid.cells + 1) + b) * 3 + c)];
      };
      const double upper = at(i, j) + u * (at(i, j + 1) - at(i, j));
      const double lower = at(i + 1, j) + u * (at(i + 1, j + 1) - at(i + 1, j));
      sum += 60 / std::sqrt(grid.cells) * (upper + v * (lower - upper));
    }
    return static_cast<char>(static_cast<uint8_t>(std::clamp(sum, 0.0, 255.0)));
  }

  std::vector<Grid> grids_;
};

constexpr int kScenes = 30, kCopies = 10, kNoise = 3;

// Scenes, copies of the first of them (cropped, resized or exact) and noise.
const fs::path& collection() {
  static const fs::path folder = [] {
    const fs::path made = new_folder("collection");
    for (uint32_t i = 0; i < kScenes; ++i) {
      const Scene scene(i);
      write_file(made / format("scene{:02}.ppm", i), scene.picture(96));
      if (i >= kCopies) continue;
      const std::string copy = i % 3 == 0   ? scene.picture(80, 0.03, 0.98)
                               : i % 3 == 1 ? scene.picture(64)
                                            : scene.picture(96);
      write_file(made / format("copy{:02}.ppm", i), copy);
    }
    for (uint32_t i = 0; i < kNoise; ++i) {
      Random random(i, Purpose::sample, 99);
      std::string noise = "P6 70 70 255\n";
      for (int k = 0; k < 70 * 70 * 3; ++k) noise += static_cast<char>(random.below(256));
      write_file(made / format("noise{}.ppm", i), noise);
    }
    return made;
  }();
  return folder;
}

std::string cluster_words(const std::string& run_name) {
  return "cluster " + collection().string() + " --clusters 2 --backbone starter --out " +
         (scratch() / run_name).string();
}

struct Row {
  std::string cluster, status;
};

std::map<std::string, Row> assigned_rows(const fs::path& file) {
  std::map<std::string, Row> rows;
  const auto table = read_csv(file);
  const auto column = std::ranges::find(table[0].fields, "status") - table[0].fields.begin();
  for (size_t i = 1; i < table.size(); ++i) {
    rows[table[i].fields[0]] = {table[i].fields[1], table[i].fields.at(column)};
  }
  return rows;
}

TEST(CleanData, CopiesTakeTheClusterOfTheOneThatTrains) {
  const fs::path out = scratch() / "cleaned_run";
  const nlohmann::json result = result_of(cluster_words("cleaned_run"));
  EXPECT_EQ(result["images"], kScenes + kCopies + kNoise);
  EXPECT_EQ(result["duplicates"], kCopies);
  EXPECT_GE(result["unsure"], kNoise);
  const auto rows = assigned_rows(out / "assignments.csv");
  ASSERT_EQ(rows.size(), static_cast<size_t>(kScenes + kCopies + kNoise));
  for (int i = 0; i < kCopies; ++i) {
    const Row copy = rows.at(format("copy{:02}.ppm", i)),
              scene = rows.at(format("scene{:02}.ppm", i));
    EXPECT_EQ(copy.cluster, scene.cluster) << i;
    // One of the two trains; of exact copies it is the first.
    EXPECT_EQ((copy.status == "duplicate") + (scene.status == "duplicate"), 1) << i;
  }
  for (int i = 0; i < kNoise; ++i) EXPECT_EQ(rows.at(format("noise{}.ppm", i)).status, "unsure");
  EXPECT_EQ(read_npy_int64(out / "pretext/topk-train-neighbors.npy").rows, kScenes);

  std::map<std::string, std::set<std::string>> groups;
  for (const CsvRow& row : read_csv(out / "duplicates.csv"))
    groups[row.fields[0]].insert(row.fields[1]);
  EXPECT_EQ(groups.size(), 1u + kCopies);  // and the heading
  EXPECT_THAT(groups, testing::Contains(testing::Pair(
                          testing::_, testing::ElementsAre("copy03.ppm", "scene03.ppm"))));

  // A table that names an image which is not there is made anew.
  Matrix<int64_t> damaged = read_npy_int64(out / "features/screening.npy");
  damaged.at(0, 0) = 12345;
  write_npy(out / "features/screening.npy", damaged);

  // The same again changes nothing, and every command knows the same images.
  const std::string before = read_file(out / "assignments.csv");
  result_of(cluster_words("cleaned_run"));
  EXPECT_EQ(read_file(out / "assignments.csv"), before);
  result_of("report --out " + out.string());
  EXPECT_EQ(read_file(out / "assignments.csv"), before);
  EXPECT_EQ(result_of("eval --out " + out.string())["images"], kScenes);
  EXPECT_EQ(result_of("cluster " + out.string() + " --clusters 3")["images"],
            kScenes + kCopies + kNoise);
}

// A person who moves the image that trains moves its copies, too.
TEST(CleanData, CopiesFollowAPersonsEdits) {
  const fs::path out = scratch() / "edited_copies_run";
  result_of(cluster_words("edited_copies_run") + " --method consensus");
  const auto before = assigned_rows(out / "assignments.csv");
  const bool copy_trains = before.at("scene01.ppm").status == "duplicate";
  const std::string moved = copy_trains ? "copy01.ppm" : "scene01.ppm";
  const std::string other = copy_trains ? "scene01.ppm" : "copy01.ppm";
  const int to = 1 - std::stoi(before.at(moved).cluster);
  const fs::path file = scratch() / "move_copies.json";
  write_file(file, nlohmann::json{{"move", {{{"path", moved}, {"to", to}}}}}.dump());
  EXPECT_EQ(result_of("apply " + out.string() + " " + file.string())["changed"], 2);
  const auto after = assigned_rows(out / "assignments.csv");
  EXPECT_EQ(after.at(moved).cluster, std::to_string(to));
  EXPECT_EQ(after.at(other).cluster, std::to_string(to));
  EXPECT_EQ(after.at(other).status, "duplicate");
}

// How far a cluster can be relied on is about what nolabel found: a person's merge or name does not
// change it.
TEST(CleanData, DoubtsDoNotChangeByEdits) {
  const fs::path out = scratch() / "edited_doubts_run";
  result_of("cluster " + collection().string() + " --clusters 4 --backbone starter --out " +
            out.string());
  const auto before = assigned_rows(out / "assignments.csv");
  const fs::path file = scratch() / "merge_doubts.json";
  write_file(file, R"({"merge": [[0, 1]], "names": {"2": "hills"}})");
  EXPECT_EQ(result_of("apply " + out.string() + " " + file.string())["clusters"].size(), 3u);
  int unsure = 0;
  for (const auto& [name, row] : assigned_rows(out / "assignments.csv")) {
    EXPECT_EQ(row.status, before.at(name).status) << name;
    unsure += row.status == "unsure";
  }
  EXPECT_GT(unsure, kNoise);  // some scenes, too: they have no kinds
}

TEST(CleanData, EveryImageTrainsOnRequest) {
  const nlohmann::json result = result_of(cluster_words("keeping_run") + " --duplicates keep");
  EXPECT_EQ(result["duplicates"], 0);
  const fs::path table = scratch() / "keeping_run/pretext/topk-train-neighbors.npy";
  EXPECT_EQ(read_npy_int64(table).rows, kScenes + kCopies + kNoise);
  EXPECT_EQ(read_csv(scratch() / "keeping_run/duplicates.csv").size(), 1u + 2 * 3);  // exact copies
  // The run remembers it.
  const Outcome other =
      run(cluster_words("keeping_run") + " --duplicates group --method consensus");
  EXPECT_EQ(other.code, 2) << other.err;
}

TEST(CleanData, AHoldOutKeepsGroupsTogether) {
  const fs::path out = scratch() / "held_run";
  result_of(cluster_words("held_run") + " --hold-out 0.3");
  const auto train = assigned_rows(out / "assignments.csv");
  const auto validation = assigned_rows(out / "assignments-validation.csv");
  EXPECT_EQ(train.size() + validation.size(), static_cast<size_t>(kScenes + kCopies + kNoise));
  EXPECT_EQ(validation.size(), 13u);
  int pairs = 0;
  for (int i = 0; i < kCopies; ++i) {
    const bool copy = validation.contains(format("copy{:02}.ppm", i));
    EXPECT_EQ(copy, validation.contains(format("scene{:02}.ppm", i))) << i;
    pairs += copy;
  }
  EXPECT_GT(pairs, 0);
}

// Runs of versions that did not know near-duplicates go on as they were.
TEST(CleanData, OlderRunsKeepEveryImage) {
  const fs::path out = scratch() / "older_kept_run";
  result_of(cluster_words("older_kept_run") + " --duplicates keep");
  nlohmann::json state = nlohmann::json::parse(read_file(out / "run.json"));
  state.erase("duplicates");
  write_file(out / "run.json", state.dump());
  const Outcome again = run("cluster --out " + out.string());
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_THAT(again.err, testing::Not(HasSubstr("near-duplicates")));
}

TEST(CleanData, ACollectionOfNoiseIsTakenAsItIs) {
  const fs::path folder = new_folder("textures");
  for (uint32_t i = 0; i < 20; ++i) {
    Random random(i, Purpose::sample, 7);
    std::string noise = "P6 40 40 255\n";
    for (int k = 0; k < 40 * 40 * 3; ++k) noise += static_cast<char>(random.below(256));
    write_file(folder / format("{}.ppm", i), noise);
  }
  const Outcome outcome =
      run("cluster " + folder.string() + " --clusters 2 --backbone starter --out " +
          (scratch() / "textures_run").string());
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("of 20 images are plain or noise; because they are so many"));
}

}  // namespace
}  // namespace nolabel

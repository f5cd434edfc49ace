#include "tests/tiny_run.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <stdexcept>

#include "nolabel/base/file.h"
#include "nolabel/base/format.h"
#include "nolabel/base/random.h"
#include "tests/program.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

// Enough that a run of `cluster` can be stopped on its way.
constexpr int rows_per_blob = 300;

struct Scratch {
  const fs::path path = fs::temp_directory_path() / format("nolabel_test_{}", int64_t{::getpid()});
  Scratch() { fs::create_directories(path); }
  ~Scratch() { fs::remove_all(path); }
};

void must_run(const std::string& arguments) {
  const Outcome outcome = run(arguments);
  if (outcome.code != 0) throw std::runtime_error("nolabel " + arguments + ": " + outcome.err);
}

std::string picture(int kind, int side, Random& random) {
  std::string text = format("P6 {} {} 255\n", side, side);
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const double stripe = 40 * std::sin((kind % 2 ? x : y) / 1.5);
      for (int channel = 0; channel < 3; ++channel) {
        const double level = (channel == kind % 3 ? 190 : 60) + stripe + 15 * random.normal();
        text += static_cast<char>(std::clamp(level, 0.0, 255.0));
      }
    }
  }
  return text;
}

}  // namespace

nlohmann::json result_of(const std::string& words) {
  const Outcome outcome = run(words + " --quiet --json -");
  EXPECT_EQ(outcome.code, 0) << words << ": " << outcome.err;
  return outcome.code == 0 ? nlohmann::json::parse(outcome.out) : nlohmann::json::object();
}

const fs::path& scratch() {
  static const Scratch scratch;
  return scratch.path;
}

fs::path new_folder(const std::string& name) {
  const fs::path folder = scratch() / name;
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

std::vector<CsvRow> read_csv(const fs::path& file) {
  return parse_csv(read_file(file), file.string());
}

fs::path copy_of(const fs::path& from, const std::string& name) {
  const fs::path folder = new_folder(name);
  fs::copy(from, folder, fs::copy_options::recursive);
  return folder;
}

void write_images(const fs::path& folder, int classes, int per_class, uint64_t seed, int side) {
  for (int kind = 0; kind < classes; ++kind) {
    const fs::path directory = folder / format("class{}", kind);
    make_directory(directory);
    for (int i = 0; i < per_class; ++i) {
      Random random(seed, Purpose::sample, kind, i);
      write_file(directory / format("{}.ppm", i), picture(kind, side, random));
    }
  }
}

Matrix<float> blobs(int classes, int per_class) {
  Matrix<float> rows(int64_t{classes} * per_class, 8);
  for (int64_t i = 0; i < rows.rows; ++i) {
    Random random(0, Purpose::sample, static_cast<uint32_t>(i));
    for (int64_t j = 0; j < rows.columns; ++j) {
      rows.at(i, j) = static_cast<float>((j == i / per_class ? 3 : 0) + 0.5 * random.normal());
    }
  }
  return rows;
}

const fs::path& images() {
  static const fs::path folder = [] {
    const fs::path path = new_folder("images");
    write_images(path, 3, 8);
    return path;
  }();
  return folder;
}

const fs::path& backbone() {
  static const fs::path run = [] {
    const fs::path path = scratch() / "backbone";
    must_run("simclr " + images().string() + " --out " + path.string() +
             " --width 8 --image-size 16 --epochs 1 --batch-size 24");
    return path;
  }();
  return run;
}

const fs::path& clustered() {
  static const fs::path run = [] {
    const fs::path path = scratch() / "clustered";
    const std::string out = " --out " + path.string();
    must_run("mine " + images().string() + out + " --backbone " + backbone().string() +
             " --mined-neighbors 5");
    must_run("scan" + out + " --num-classes 3 --epochs 2 --batch-size 8 --num-neighbors 5");
    must_run("selflabel" + out + " --epochs 2 --batch-size 8");
    return path;
  }();
  return run;
}

const std::string& feature_flags() {
  static const std::string flags = [] {
    const Matrix<float> features = blobs(3, rows_per_blob);
    std::string names = "path,label\n";
    for (int64_t i = 0; i < features.rows; ++i)
      names += format("row{}.jpg,blob{}\n", i, i / rows_per_blob);
    write_npy(scratch() / "features.npy", features);
    write_file(scratch() / "paths.csv", names);
    return " --features " + (scratch() / "features.npy").string() + " --paths " +
           (scratch() / "paths.csv").string() + " ";
  }();
  return flags;
}

}  // namespace nolabel

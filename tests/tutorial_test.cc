// docs/tutorial.md, typed as it stands: its blocks ```sh TRACK in a shell, in a folder where
// nolabel is cloned and built; then every file that it names is there, and on the embedded track
// the figures that it shows are the run's, within three points.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "nolabel/base/file.h"
#include "nolabel/base/format.h"
#include "nolabel/base/random.h"
#include "tests/tiny_run.h"
#include "tests/typed_page.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string tutorial() {
  return page_text("docs/tutorial.md");
}

std::vector<std::string> commands_of(const std::string& track) {
  return typed_lines(tutorial(), {"```sh " + track, "```sh both"});
}

// `results/cifar-10/…` between backticks, below results/cifar-10.
std::vector<std::string> named_files() {
  const std::string text = tutorial(), begin = "`results/cifar-10/";
  std::vector<std::string> files;
  for (size_t at = text.find(begin); at != std::string::npos; at = text.find(begin, at + 1)) {
    const size_t first = at + begin.size();
    files.push_back(text.substr(first, text.find('`', first) - first));
  }
  return files;
}

void expect_named_files(const fs::path& run) {
  EXPECT_GE(named_files().size(), 10u);
  for (const std::string& file : named_files()) EXPECT_TRUE(fs::exists(run / file)) << file;
}

// The numbers of the first line of `text` that begins so.
std::vector<double> numbers_after(const std::string& text, const std::string& begin) {
  const size_t at = ("\n" + text).find("\n" + begin);
  if (at == std::string::npos) return {};
  const size_t first = at + begin.size();
  const std::string rest = text.substr(first, text.find('\n', first) - first);
  static const std::regex number("-?[0-9]+(\\.[0-9]+)?");
  std::vector<double> numbers;
  for (std::sregex_iterator i(rest.begin(), rest.end(), number), end; i != end; ++i) {
    numbers.push_back(std::stod(i->str()));
  }
  return numbers;
}

// Another processor rounds otherwise, and training makes the difference larger: bf16 instead of
// fp32 moved figures by 1.1 points. The page must not be of another program.
void expect_near(const std::vector<double>& page, const std::vector<double>& now) {
  constexpr double points = 3;
  ASSERT_EQ(page.size(), now.size());
  for (size_t i = 0; i < page.size(); ++i) EXPECT_NEAR(page[i], now[i], points) << "number " << i;
}

// Every line of figures that the page shows as printed.
void expect_printed_figures(const fs::path& home) {
  const std::string printed = read_file(home / "output") + read_file(home / "errors");
  for (const char* begin : {"same label, training images:", "same label, validation images:",
                            "share of neighbors with the image's label:", "SCAN  ", "AMI ",
                            "self-label  ", "k-means  "}) {
    SCOPED_TRACE(begin);
    const std::vector<double> page = numbers_after(tutorial(), begin);
    EXPECT_GE(page.size(), 3u);
    expect_near(page, numbers_after(printed, begin));
  }
}

// One image of STL-10's binary version: three planes, each column by column.
std::string stl_image(int kind, uint32_t number) {
  constexpr int pixels = 96 * 96;
  Random random(0, Purpose::sample, number);
  std::string bytes;
  for (int channel = 0; channel < 3; ++channel) {
    const int level = channel == kind % 3 ? 190 : 60;
    for (int i = 0; i < pixels; ++i) {
      const int stripe = (kind % 2 ? i % 96 : i / 96) / (4 + kind) % 2 * 40;
      bytes += static_cast<char>(level + stripe + static_cast<int>(random.below(20)));
    }
  }
  return bytes;
}

// stl10_binary in the exact format, of as few images as the recipe's tables need.
void write_stl10(const fs::path& folder) {
  fs::create_directories(folder);
  constexpr int classes = 10;
  uint32_t number = 0;
  for (const auto& [part, count] : {std::pair("train", 40), {"test", 20}, {"unlabeled", 10}}) {
    std::string images, labels;
    for (int i = 0; i < count; ++i) {
      images += stl_image(i % classes, number++);
      labels += static_cast<char>(i % classes + 1);
    }
    write_file(folder / format("{}_X.bin", part), images);
    if (part != std::string("unlabeled")) write_file(folder / format("{}_y.bin", part), labels);
  }
  write_file(folder / "class_names.txt",
             "airplane\nbird\ncar\ncat\ndeer\ndog\nhorse\nmonkey\nship\ntruck\n");
}

TEST(Tutorial, OnTheEmbeddedImagesShowsItsFigures) {
  const fs::path home = new_reader_home("tutorial_embedded"), work = home / "tutorial";
  ASSERT_EQ(type_lines(home, commands_of("mini")), "");
  const fs::path run = work / "results/cifar-10";
  expect_named_files(run);
  expect_printed_figures(home);

  std::vector<double> table;
  for (const char* stage : {"scan", "selflabel"}) {
    const json figures = json::parse(read_file(run / stage / "metrics.json"));
    EXPECT_EQ(figures["images"], 622) << stage;
    EXPECT_EQ(figures["empty_clusters"], 0) << stage;
    for (const char* name : {"ACC", "NMI", "ARI"})
      table.push_back(100 * figures[name].get<double>());
  }
  expect_near(numbers_after(tutorial(), "| embedded images, this page |"), table);
  EXPECT_EQ(json::parse(read_file(run / "scan/metrics.json"))["heads"].size(), 5u);
  EXPECT_EQ(read_csv(work / "clusters.csv").size(), 1u + 622u);
}

// The published recipe's lines. 500, 100 and 100 epochs of a ResNet-18 are not for a test: it adds
// words that make the network slim and train one epoch, and nothing else.
TEST(Tutorial, OnStl10RunsFromNothing) {
  const fs::path home = new_reader_home("tutorial_stl10"), work = home / "tutorial";
  write_stl10(work / "data/stl10_binary");
  write_images(work / "photos", 2, 3);
  std::vector<std::string> lines = commands_of("stl10");
  int shortened = 0;
  for (std::string& line : lines) {
    if (line.starts_with("nolabel simclr ")) {
      line += " --set width=8 --set stem_stride=2 --set epochs=1", ++shortened;
    } else if (line.starts_with("nolabel scan ") || line.starts_with("nolabel selflabel ")) {
      line += " --set epochs=1", ++shortened;
    }
  }
  ASSERT_EQ(shortened, 3);
  ASSERT_EQ(type_lines(home, lines), "");
  const fs::path run = work / "results/stl-10";
  expect_named_files(run);
  EXPECT_EQ(read_npy_int64(run / "pretext/topk-train-neighbors.npy").rows, 40);
  EXPECT_EQ(json::parse(read_file(run / "selflabel/metrics.json"))["images"], 20);
  EXPECT_EQ(read_csv(work / "clusters.csv").size(), 1u + 6u);
}

}  // namespace
}  // namespace nolabel

// docs/formats.md is held to its word: every command's JSON result has the keys that the table
// there lists, and no others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "nolabel/base/file.h"
#include "nolabel/base/format.h"
#include "tests/program.h"
#include "tests/tiny_run.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Keys = std::set<std::string>;

struct Documented {
  Keys always, sometimes;
};

Keys names_in(const std::string& cell) {
  static const std::regex quoted("`([^`]+)`");
  Keys names;
  for (std::sregex_iterator i(cell.begin(), cell.end(), quoted), end; i != end; ++i) {
    names.insert((*i)[1]);
  }
  return names;
}

// The rows of the table under "JSON results", by their first cell without backticks.
const std::map<std::string, Documented>& documented() {
  static const std::map<std::string, Documented> table = [] {
    std::map<std::string, Documented> rows;
    const std::string text = read_file(NOLABEL_SOURCE "/docs/formats.md");
    const std::string section = text.substr(text.find("## JSON results"));
    static const std::regex row(R"(\n\| (`[^|]+) \|([^|]*)\|([^|]*)\|)");
    for (std::sregex_iterator i(section.begin(), section.end(), row), end; i != end; ++i) {
      std::string command = (*i)[1];
      std::erase(command, '`');
      rows[command] = {names_in((*i)[2]), names_in((*i)[3])};
    }
    return rows;
  }();
  return table;
}

Keys keys_of(const json& object) {
  Keys keys;
  for (const auto& [key, value] : object.items()) keys.insert(key);
  return keys;
}

void expect_as_documented(const json& object, const Documented& documented) {
  const Keys keys = keys_of(object);
  for (const std::string& key : documented.always) {
    EXPECT_TRUE(keys.contains(key)) << "docs/formats.md promises " << key;
  }
  for (const std::string& key : keys) {
    EXPECT_TRUE(documented.always.contains(key) || documented.sometimes.contains(key))
        << "docs/formats.md does not list " << key;
  }
}

// Runs `words` and compares its JSON with the row of `name`; returns the JSON.
json expect_as_documented(const std::string& name, const std::string& words) {
  const testing::ScopedTrace trace(__FILE__, __LINE__, words);
  EXPECT_TRUE(documented().contains(name)) << "docs/formats.md has no row for " << name;
  const Outcome outcome = run(words + " --quiet --json -");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  if (outcome.code != 0 || !documented().contains(name)) return json::object();
  json object = json::parse(outcome.out);
  expect_as_documented(object, documented().at(name));
  return object;
}

// The methods of `train` and `validation`: as eval has them, without what belongs to one model.
void expect_methods(const json& methods) {
  Documented method = documented().at("eval, clusters");
  for (const char* key : {"model", "data", "backbone_labels"}) method.always.erase(key);
  for (const char* key : {"head", "heads"}) method.sometimes.erase(key);
  for (const json& object : methods) expect_as_documented(object, method);
}

TEST(Formats, EveryCommandIsListed) {
  const std::string help = run("--help").out;
  static const std::regex command("\n  ([a-z]+)  +[a-z]");
  int found = 0;
  for (std::sregex_iterator i(help.begin(), help.end(), command), end; i != end; ++i, ++found) {
    const std::string name = (*i)[1];
    const auto begins = [&name](const auto& row) {
      return row.first == name || row.first.starts_with(name + " ") ||
             row.first.starts_with(name + ",");
    };
    EXPECT_TRUE(std::ranges::any_of(documented(), begins)) << name;
  }
  EXPECT_GE(found, 15);
}

TEST(Formats, OneCommandFromImagesToClusters) {
  const fs::path folder = new_folder("formats_cluster");
  const std::string out = " --out " + folder.string();
  const json clustered = expect_as_documented(
      "cluster", "cluster " + images().string() + " --clusters 3 --hold-out 0.4 --backbone " +
                     backbone().string() + out);
  EXPECT_EQ(clustered["validation"].size(), clustered["train"].size());
  expect_methods(clustered["train"]);
  expect_methods(clustered["validation"]);
  const json reported = expect_as_documented("report", "report" + out);
  EXPECT_EQ(reported["train"], clustered["train"]);
  EXPECT_EQ(reported["validation"], clustered["validation"]);
  expect_as_documented("eval, clusters", "eval" + out);
  expect_as_documented("predict", "predict " + folder.string() + " " + images().string() +
                                      " --out " + (folder / "clusters.csv").string());
  expect_as_documented("export", "export " + folder.string() + " " + (folder / "sorted").string());
}

TEST(Formats, Stages) {
  const fs::path folder = copy_of(clustered(), "formats_stages");
  const std::string out = " --out " + folder.string();
  expect_as_documented("mine", "mine --mined-neighbors 5" + out);
  for (const char* stage : {"scan", "selflabel"}) {
    const json result =
        expect_as_documented(stage, std::string(stage) + " --epochs 1 --force" + out);
    expect_as_documented(result.at("evaluation"), documented().at("eval, clusters"));
  }
  expect_as_documented("mine", "mine --search ivf --force" + out);
  const std::string new_out = " --out " + new_folder("formats_simclr").string();
  expect_as_documented("simclr", "simclr " + images().string() +
                                     " --image-size 16 --epochs 1 --batch-size 8 --width 8" +
                                     new_out);
  expect_as_documented("eval, a pretext model",
                       "eval " + images().string() + " --model " +
                           (backbone() / "pretext/model.pth.tar").string() + " --out " +
                           new_folder("formats_pretext").string());
}

TEST(Formats, LooksInside) {
  const fs::path run_folder = clustered();
  expect_as_documented("inspect, weights",
                       "inspect " + (run_folder / "scan/model.pth.tar").string());
  expect_as_documented("inspect, weights",
                       "inspect " + (run_folder / "scan/checkpoint.pth.tar").string());
  expect_as_documented("inspect, a table",
                       "inspect " + (run_folder / "pretext/topk-train-neighbors.npy").string());
  expect_as_documented("inspect, a run", "inspect " + run_folder.string());
  const fs::path folder = new_folder("formats_inside");
  expect_as_documented("convert", "convert " + (run_folder / "selflabel/model.pth.tar").string() +
                                      " " + (folder / "model.safetensors").string());
  expect_as_documented("views", "views " + (images() / "class0/0.ppm").string() +
                                    " --recipe ours --out " + (folder / "views.png").string());
  const json settings = expect_as_documented("settings", "settings");
  for (const auto& [stage, list] : settings.items()) {
    for (const json& setting : list) {
      EXPECT_EQ(keys_of(setting), (Keys{"name", "default", "help", "range", "changes_result"}));
    }
  }
  expect_as_documented("doctor", "doctor");
}

TEST(Formats, Zoo) {
  const fs::path folder = new_folder("formats_zoo");
  const json list = expect_as_documented("zoo list", "zoo list");
  EXPECT_TRUE(list.at("entries").at(0).contains("shipped"));
  const json got = expect_as_documented("zoo get", "zoo get starter --out " + folder.string());
  EXPECT_EQ(keys_of(got.at("files").at(0)), (Keys{"name", "file", "bytes", "sha256"}));
  const std::string file = (folder / "starter.safetensors").string();
  const json verified = expect_as_documented("zoo verify", "zoo verify " + file);
  EXPECT_EQ(keys_of(verified.at("entries").at(0)), (Keys{"name", "passed", "checks", "measured"}));
  const json described = expect_as_documented("zoo describe", "zoo describe " + file);
  EXPECT_EQ(keys_of(described.at("files").at(0)), (Keys{"file", "bytes", "sha256", "network"}));
}

TEST(Formats, Backbones) {
  const json list = expect_as_documented("backbone list", "backbone list");
  EXPECT_EQ(keys_of(list.at("backbones").at(0)),
            (Keys{"name", "summary", "url", "bytes", "megabytes", "sha256", "licence", "images",
                  "labels", "file"}));
  EXPECT_EQ(list.at("backbones").at(0).at("bytes"), 88'283'115);
  EXPECT_TRUE(list.at("backbones").at(0).at("file").is_null());
  expect_as_documented("backbone verify", "backbone verify");
  expect_as_documented("cache list", "cache list");
}

TEST(Formats, MocoAndRepeat) {
  const fs::path folder = new_folder("formats_repeat");
  const std::string pretext = (backbone() / "pretext/model.pth.tar").string();
  expect_as_documented("moco", "moco " + pretext + " " + images().string() +
                                   " --mined-neighbors 5 --out " + (folder / "moco").string());
  write_file(folder / "scan.yml",
             "setup: scan\nnum_classes: 3\nepochs: 1\nbatch_size: 8\nnum_neighbors: 5\n"
             "num_heads: 1\n");
  const json repeated = expect_as_documented(
      "repeat", "repeat " + (folder / "scan.yml").string() + " " + images().string() +
                    " --seeds 2 --backbone " + backbone().string() + " --out " +
                    (folder / "repeat").string());
  for (const auto& [stage, figures] : repeated.at("stages").items()) {
    for (const auto& [name, figure] : figures.items()) {
      EXPECT_EQ(keys_of(figure), (Keys{"mean", "std", "values"})) << stage << " " << name;
    }
  }
}

}  // namespace
}  // namespace nolabel

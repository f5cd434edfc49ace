// Private to the tests of this folder: a zoo of a tiny pretext model and of heads on its backbone.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/hash.h"
#include "nolabel/model/model_testing.h"
#include "nolabel/pipeline/backbone.h"
#include "nolabel/run/artifact.h"
#include "nolabel/zoo/get.h"
#include "nolabel/zoo/manifest.h"
#include "nolabel/zoo/network.h"

namespace nolabel {

class TinyZoo : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(root);
    std::filesystem::create_directories(shipped);
    std::filesystem::create_directories(whole_file.parent_path());
    Backbone backbone;
    backbone.network = testing_models::slim_backbone();
    backbone.origin = "tiny";
    const Model pretext({.kind = ModelSettings::Kind::contrastive, .backbone = backbone.network},
                        0);
    write_safetensors(shipped / "tiny.safetensors", pretext.state_dict(),
                      backbone_metadata(backbone));
    Model whole({.kind = ModelSettings::Kind::clustering,
                 .backbone = backbone.network,
                 .clusters = 3,
                 .heads = 1},
                1);
    whole.load_backbone(pretext.state_dict());
    StateDict heads;
    for (const NamedTensor& entry : whole.state_dict()) {
      if (entry.name.starts_with("cluster_head.")) heads.push_back(entry);
    }
    backbone.origin = "tiny, clustered";
    write_safetensors(shipped / "tiny-scan.heads.safetensors", heads, backbone_metadata(backbone));
    write_safetensors(whole_file, whole.state_dict(), backbone_metadata(backbone));

    nlohmann::json tiny = entry_of("tiny", "pretext", shipped / "tiny.safetensors");
    nlohmann::json scan = entry_of("tiny-scan", "scan", whole_file);
    scan["head"] = listed(shipped / "tiny-scan.heads.safetensors");
    scan["head"]["on"] = "tiny";
    list = {{"format", 1}, {"tolerance", 0.005}, {"entries", {tiny, scan}}};
    write_list();
    observer.log = [this](Severity, const std::string& text) { log += text + "\n"; };
  }
  void TearDown() override { std::filesystem::remove_all(root); }

  static nlohmann::json listed(const std::filesystem::path& file) {
    return {{"file", file.filename().string()},
            {"bytes", std::filesystem::file_size(file)},
            {"sha256", file_hash(file)}};
  }
  static nlohmann::json entry_of(const std::string& name, const std::string& kind,
                                 const std::filesystem::path& file) {
    nlohmann::json entry = listed(file);
    entry.update({{"name", name},
                  {"kind", kind},
                  {"summary", "for tests"},
                  {"licence", "Apache-2.0"},
                  {"program", "0.1.0"},
                  {"network", network_of(file)},
                  {"metrics", {{"images", 3}, {"data", "none"}}},
                  {"data", {{"trained_on", "nothing"}, {"source", ""}, {"terms", ""}}},
                  {"recipe", {{"commands", {"nolabel"}}, {"seed", "0"}}}});
    return entry;
  }
  void write_list() const { write_file(shipped / "zoo.json", list.dump()); }
  ZooManifest manifest() const { return read_manifest(shipped / "zoo.json"); }

  std::filesystem::path get(const std::string& name, const ZooSource& source = {},
                            bool force = false) const {
    const ZooManifest zoo = manifest();
    return get_entry(zoo, find_entry(zoo, name), source, out, force, observer);
  }
  // What get() says against it.
  std::string complaint(const std::string& name, Fault fault, const ZooSource& source = {}) const {
    try {
      get(name, source);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), fault) << error.what();
      return error.what();
    }
    return "";
  }
  // The only files in `out`, hidden ones too.
  std::vector<std::string> files_out() const {
    std::vector<std::string> names;
    if (!std::filesystem::exists(out)) return names;
    for (const auto& file : std::filesystem::directory_iterator(out)) {
      names.push_back(file.path().filename().string());
    }
    return names;
  }
  // As a bad disk would: no flush, no rename.
  static void damage(const std::filesystem::path& file) {
    std::fstream stream(file, std::ios::binary | std::ios::in | std::ios::out);
    stream.seekp(-1, std::ios::end);
    stream.put('\x55');
  }

  const std::filesystem::path root =
      std::filesystem::path(testing::TempDir()) / format("zoo_test_{}", int64_t{::getpid()});
  const std::filesystem::path shipped = root / "share", out = root / "out",
                              whole_file = root / "whole" / "tiny-scan.safetensors";
  nlohmann::json list;
  Observer observer;
  std::string log;
};

}  // namespace nolabel

// A run directory: where the stages of one run leave their artifacts and find each other's.
//
// The layout is the published program's <root>/<dataset>/: {pretext,scan,selflabel}/ with
// checkpoint.pth.tar and model.pth.tar, pretext/topk-{train,val}-neighbors.npy; beside them our
// run.json, metrics.jsonl per stage, features/, assignments.csv and report.html.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "nolabel/base/file.h"
#include "nolabel/base/path_text.h"

namespace nolabel {

class RunDirectory {
 public:
  // Creates the directory, locks it for this process and removes what killed writers left; throws
  // Error(Fault::usage) if another process works there. A directory that was created and in which
  // nothing was written is removed at the end, so that a failed command leaves no trace.
  explicit RunDirectory(std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path stage(const std::string& name) const { return path_ / name; }
  std::filesystem::path model(const std::string& stage_name) const {
    return stage(stage_name) / "model.pth.tar";
  }
  std::filesystem::path train_neighbors() const {
    return stage("pretext") / "topk-train-neighbors.npy";
  }
  std::filesystem::path validation_neighbors() const {
    return stage("pretext") / "topk-val-neighbors.npy";
  }

  std::filesystem::path features() const { return path_ / "features"; }

  // What the stages of this run share: data paths, network, image size, final model. Empty for a
  // new run.
  const nlohmann::json& description() const { return description_; }
  // Merges `values` into description().
  void describe(const nlohmann::json& values);
  // Writes it to run.json. Called when a stage has accepted what is described: a command that fails
  // for other images or another backbone leaves the run as it was.
  void save_description() const;

 private:
  // Removes folders that hold nothing but the lock of `path`, from it up to `first_made`. Empty
  // when nothing was made.
  struct RemoveUnused {
    std::filesystem::path path, first_made;
    RemoveUnused(std::filesystem::path path, std::filesystem::path first_made);
    RemoveUnused(RemoveUnused&&) = delete;
    ~RemoveUnused();
  };

  std::filesystem::path path_;
  std::filesystem::path first_made_;
  DirectoryLock lock_;
  RemoveUnused remove_unused_;  // while the lock is held
  nlohmann::json description_;
};

// What run.json remembers of the backbone: {"backbone_file": …}, a weights file, another run or
// `starter`. The run's own pretext model is null: it is found from any folder, and when the run is
// moved.
nlohmann::json describe_backbone(const RunDirectory& run, const std::filesystem::path& name);

// run.json of a directory that this process only reads (predict). Empty when there is none, as in a
// run of the published program. Throws Error(Fault::usage) when there is no such directory.
nlohmann::json read_run_description(const std::filesystem::path& path);

// Values of a description. Throw Error(Fault::data) when they are of another type than nolabel
// writes.
std::string text_of(const nlohmann::json& description, const char* key,
                    const std::string& otherwise);
std::vector<std::string> texts_of(const nlohmann::json& description, const char* key);

}  // namespace nolabel

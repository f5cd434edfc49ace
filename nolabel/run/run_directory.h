// A run directory: where the stages of one run leave their artifacts and find each other's.
//
// The layout is the published program's <root>/<dataset>/: {pretext,scan,selflabel}/ with
// checkpoint.pth.tar and model.pth.tar, pretext/topk-{train,val}-neighbors.npy; beside them our
// run.json, metrics.jsonl per stage, features/, assignments.csv and report.html.
#pragma once

#include <filesystem>
#include <string>

#include "nolabel/base/file.h"
#include "nolabel/base/path_text.h"
#include "nolabel/run/image_list.h"
#include "nolabel/run/run_state.h"

namespace nolabel {

class RunDirectory {
 public:
  // Creates the directory, locks it for this process and removes what killed writers left in a run;
  // throws
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

  // The neighbors of the training images in the neighbor metric.
  std::filesystem::path metric_neighbors() const { return stage("metric") / "neighbors.npy"; }

  std::filesystem::path features() const { return path_ / "features"; }

  // While an `update` is unfinished: the images before it, by their whole paths. The next one tells
  // what both have found, and a clustering makes it void.
  std::filesystem::path images_before() const { return path_ / "images-before.csv"; }

  // What the commands of this run have settled (run_state.h). A command changes it as it goes and
  // saves it when a stage has accepted what it says: one that fails for other images or another
  // backbone leaves the run as it was.
  RunState& state() { return state_; }
  // The images that the run was about when it was saved last; nothing where nobody knows.
  std::optional<ImageList> images() const;
  // The images that the run is about from now on; save() writes them to images.csv. Returns how
  // they differ from those that it was about (image_list_change()), empty when they do not or when
  // nothing is known of them.
  std::string take_images(ImageList images);
  const RunState& state() const { return state_; }
  void save() const;

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
  RunState state_;
  std::optional<ImageList> images_;  // to be saved
};

}  // namespace nolabel

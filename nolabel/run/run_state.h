// The state of a run: what its commands have settled, as one value. run.json holds it; this file is
// its only reader and writer. A command settles what it is told, takes the rest from here, and no
// command keeps a memory of its own (docs/ARCHITECTURE.md, Contracts).
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "nolabel/augment/settings.h"
#include "nolabel/base/path_text.h"
#include "nolabel/data/settings.h"
#include "nolabel/edits/cluster_identity.h"
#include "nolabel/model/backbone_description.h"

namespace nolabel {

// The clustering models that a run can have. The first three are heads of frozen features
// (pipeline/group_stages.h), and so is `edited`, which follows a person's edits
// (pipeline/edited_stage.h).
enum class ClusterStage { kmeans, consensus, communities, scan, selflabel, edited };
// Those that nolabel finds by itself.
inline constexpr ClusterStage all_cluster_stages[] = {ClusterStage::kmeans, ClusterStage::consensus,
                                                      ClusterStage::communities, ClusterStage::scan,
                                                      ClusterStage::selflabel};
// Whether the stage fits a head to the features of a frozen backbone, and trains nothing else.
inline bool is_group_stage(ClusterStage stage) {
  return stage != ClusterStage::scan && stage != ClusterStage::selflabel;
}
const char* stage_name(ClusterStage stage);  // "scan", "selflabel": also the stage's folder
// The other way; nothing where no stage has this name.
std::optional<ClusterStage> cluster_stage(const std::string& name);

struct RunState {
  // What the run is about: images, or features that somebody brings. A new run has neither.
  std::vector<std::filesystem::path> data;  // absolute: folders, pictures, list files, CIFAR …
  std::filesystem::path features, paths;    // absolute: an .npy file, and the names of its rows
  DataSettings images;                      // of them remembered_data_settings
  // The folder that the images' names are seen from; empty: they are no files. Runs of older
  // versions do not know it.
  std::optional<std::filesystem::path> root;
  // Unset until a command draws random numbers.
  std::optional<uint64_t> seed;
  std::string precision;  // as asked for, "auto" or "fp32"; empty: nobody has computed yet

  // The backbone and how it sees images.
  struct Backbone {
    // "starter", "photos", or an absolute path; empty: the run's own pretext model, which is found
    // from any folder and after the run was moved.
    std::string name;
    std::string origin;   // for people
    std::string hash;     // of the weights and of how they see images
    std::string warning;  // what to expect of it for these images, for people, or empty
    int image_size = 0;   // side of the views in pixels, as asked for; 0: what the backbone states
    std::optional<NormalizeSettings> normalize;  // as asked for; unset: what the backbone states
    std::optional<KnownProgram> program;         // where `name` is a program that is run
    // Where `cluster` trained the run's own model: what it began with, as `name` and `image_size`
    // say it; without a name: from nothing.
    struct Start {
      std::string name;
      int image_size = 0;
    };
    std::optional<Start> start;
  } backbone;

  int clusters = 0;  // of `cluster`; 0: the stages ran one by one
  // Numbers of clusters that fit the images, where nolabel estimated `clusters` itself.
  struct ClusterRange {
    int low = 0, high = 0;
  };
  std::optional<ClusterRange> cluster_range;
  std::string effort;                       // of `cluster`; empty when the stages ran one by one
  std::string method;                       // of `cluster`, as asked for: "auto", "scan" …
  std::optional<ClusterStage> final_stage;  // the model that was chosen
  std::string choice;                       // why, as a sentence; empty where nothing was compared
  std::vector<std::string> warnings;        // of the last clustering, for the report
  // Of the columns of the chosen model; empty: a run that was not clustered by `cluster`.
  std::vector<ClusterIdentity> identities;
  int next_cluster_id = 0;  // neither this id nor one above it has been used in the run
  // What nolabel found, where a person's edits are in force (edits/edit_log.h): the chosen model is
  // then `edited`. Without edits it is the chosen model and its identities.
  struct Found {
    ClusterStage stage;
    std::vector<ClusterIdentity> identities;
    // A hash of found.csv and edit-log.json where no model can learn these edits, because they
    // leave too few clusters or images: `stage` is then the chosen model. Empty elsewhere.
    std::string waiting{};
  };
  std::optional<Found> found;
  // The fingerprint of the run's images where `update` has given them clusters by models that
  // learnt from other images; empty: the models learnt from the run's images.
  std::string assigned_data;
  // What `update` said of new images that do not fit the clusters, while that is so.
  std::string drift_warning{};
};

// The identities of `columns` clusters: those of the state, or where it has none of so many the
// numbers from 0.
std::vector<ClusterIdentity> identities_of(const RunState& state, int64_t columns);

// As run.json has it. from_json() also reads the files of older versions; it throws
// Error(Fault::data), naming `file`, when a value is not what nolabel writes, and
// Error(Fault::usage) when a newer version wrote it.
nlohmann::json to_json(const RunState& state);
RunState run_state_from_json(const nlohmann::json& json, const std::filesystem::path& file);

// run.json of `run`, a directory that this process only reads. An empty state when there is no
// run.json, as in a run of the published program. Throws Error(Fault::usage) when there is no such
// directory.
RunState read_run_state(const std::filesystem::path& run);
void write_run_state(const std::filesystem::path& run, const RunState& state);

}  // namespace nolabel

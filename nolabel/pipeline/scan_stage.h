// Stages 3 and 4: SCAN, then self-labelling of its best model.
#pragma once

#include <functional>
#include <optional>

#include "nolabel/base/npy.h"
#include "nolabel/pipeline/cluster_inputs.h"
#include "nolabel/pipeline/run_directory.h"
#include "nolabel/pipeline/settings.h"

namespace nolabel {

// Throws Error(Fault::usage) unless 2 <= clusters <= images, Error(Fault::data) below 2 images.
void check_clusters(int64_t clusters, int64_t images);

// What a clustering stage works on.
struct ClusterStageInputs {
  const ClusterInputs* train;
  const ClusterInputs* validation;  // may be the same
  std::string data_fingerprint;
};

// Trains `model` (its backbone loaded, placed) and leaves scan/model.pth.tar = {'model', 'head'},
// the best model by the label-free validation objective; kept if it is current. The tables are the
// run's. `backbone_hash`: of the file the backbone came from. Error(Fault::usage) when a table does
// not fit the images.
void run_scan(const RunDirectory& run, const ClusterStageInputs& inputs,
              const std::function<Model()>& make_model, const std::string& backbone_hash,
              const ScanStageSettings& settings, const nlohmann::json& setting_values,
              const Environment& environment);

// Trains the best head of scan/model.pth.tar further and leaves selflabel/model.pth.tar.
// `make_model` gives a model with one head; its weights are replaced by SCAN's.
void run_selflabel(const RunDirectory& run, const ClusterStageInputs& inputs,
                   const std::function<Model()>& make_model, const SelflabelStageSettings& settings,
                   const nlohmann::json& setting_values, const Environment& environment);

// SCAN's state with only its best head, named cluster_head.0.
StateDict best_head_state(const WeightsInFile& scan);

}  // namespace nolabel

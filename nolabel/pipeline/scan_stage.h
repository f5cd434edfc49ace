// The stages scan and selflabel: SCAN, then self-labelling of its best model.
#pragma once

#include "nolabel/pipeline/cluster_inputs.h"
#include "nolabel/pipeline/settings.h"
#include "nolabel/pipeline/subject.h"
#include "nolabel/run/run_directory.h"

namespace nolabel {

// Throws Error(Fault::usage) unless 2 <= clusters <= images, Error(Fault::data) below 2 images.
void check_clusters(int64_t clusters, int64_t images);

// What a clustering stage works on: splits of the subject, as split_inputs() gives them.
struct ClusterStageInputs {
  const Subject* subject;
  const ClusterInputs* train;
  const ClusterInputs* validation;  // may be the same
};

// Trains new heads on the subject's backbone (and the backbone, unless settings.scan.head_only) and
// leaves scan/model.pth.tar = {'model', 'head'}, the best model by the label-free validation
// objective; kept if it is current. Neighbors come from the run's tables, and with settings.start
// consensus the first weights of the heads from the run's stage consensus. Returns true when it
// trained. Error(Fault::usage) when a table is missing or not of these images, or as
// check_clusters().
bool run_scan(const RunDirectory& run, const ClusterStageInputs& inputs, int clusters,
              const ScanStageSettings& settings, const Environment& environment);

// Trains the best head of scan/model.pth.tar further, on SCAN's own confident predictions, and
// leaves selflabel/model.pth.tar; kept if it is current. Returns true when it trained.
// Error(Fault::usage) when there is no SCAN model or it is none on this backbone.
bool run_selflabel(const RunDirectory& run, const ClusterStageInputs& inputs,
                   const SelflabelStageSettings& settings, const Environment& environment);

}  // namespace nolabel

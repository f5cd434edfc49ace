// Figures of a clustering: always figures without labels, and figures against labels where there
// are labels.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "nolabel/data/dataset.h"
#include "nolabel/record/observer.h"
#include "nolabel/report/report_data.h"
#include "nolabel/run/run_state.h"

namespace nolabel {

// What a stage's model is called beside k-means: "SCAN", "self-label", or the name of a file.
std::string stage_title(const std::string& stage);

// probabilities [N,C] of `dataset`'s images; neighbors [N,k+1] and features [N,D] may be null.
ReportMethod compute_figures(std::string name, const Matrix<float>& probabilities,
                             const std::vector<int>& labels, int class_count,
                             const Matrix<int64_t>* neighbors, const Matrix<float>* features,
                             uint64_t seed, int threads);

// The object of `eval` in docs/formats.md, JSON results: figures without labels, and ACC, NMI, AMI,
// ARI … when there are labels.
nlohmann::json figures_json(const ReportMethod& method);
// A list of such objects.
nlohmann::json figures_json(const std::vector<ReportMethod>& methods);

// What self-labelling trained.
enum class SelfLabelled { head, network };

// True when self-labelling made SCAN's result worse as far as can be told without labels: it lost
// clusters, fewer neighbors agree than before (by more than 0.01), or the silhouette fell (by more
// than 0.02: pseudo-labels can spread one cluster over its neighbors, which then agree the better).
//
// Where it trained the network, agreement alone decides nothing. SCAN fits the neighbors of the
// pretext features, of which many are of another class, and a network that corrects them agrees
// with fewer. Then the mean confidence must not have risen either. (docs/method.md has the
// figures.)
bool worse_without_labels(const ClusterStatistics& candidate, const ClusterStatistics& reference,
                          SelfLabelled trained);

// The model that a run keeps: the self-labelled one, unless it is worse. A note then gives both
// figures.
ClusterStage final_stage(const ClusterStatistics& scan, const ClusterStatistics& selflabel,
                         SelfLabelled trained, const Observer& observer);

// One-hot rows [N,K], for methods that give no probabilities.
Matrix<float> one_hot(const std::vector<int64_t>& clusters, int cluster_count);

// A table for the terminal: one row per method.
std::string figures_table(const std::vector<ReportMethod>& rows);

}  // namespace nolabel

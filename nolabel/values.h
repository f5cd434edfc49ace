// What the calls of nolabel.h take and return in common.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nolabel {

struct Compute {
  std::string device = "auto";  // auto, cpu, cuda or cuda:N
  // auto, fp32, bf16 or fp16; auto: bf16 if the device computes in bf16
  std::string precision = "auto";
  int threads = 0;  // of one call; 0: all that this process may use
  // Run the backbone's code where the backbone is a TorchScript program. simclr() and moco(), which
  // train a backbone or import weights, refuse it.
  bool run_program = false;
};

// Settings of a stage by name, beside its options; values are written as in YAML.
using Settings = std::map<std::string, std::string>;

// A cluster as people know it. Its id stays when a run is clustered again or edited; the column of
// a table of probabilities may be another number.
struct NamedCluster {
  int id = 0;
  std::string name;  // as a person gave it; may be empty
};

// A prediction: `cluster` and `runner_up` are ids. Probabilities are those of the model, confidence
// >= runner_up_confidence.
struct ClusterChoice {
  int cluster = 0;
  float confidence = 0;
  int runner_up = -1;  // -1 when there is only one cluster
  float runner_up_confidence = 0;
};

struct ClusteredImage {
  std::string path;  // relative to the given folder; for a list file, as written in the list
  ClusterChoice choice;
  // Of cluster(): "ok"; "unsure" of an image that fits nowhere, or could as well be elsewhere;
  // "duplicate" of one that takes the cluster of an image that is nearly the same; "junk" of one
  // that a person has put aside. Else empty.
  std::string status{};
};

// Figures of one clustering of the images. As in `nolabel eval`, shares are fractions, not percent.
struct ClusterFigures {
  std::string method;          // "SCAN", "self-label", "k-means", or the name of a weights file
  std::vector<int64_t> sizes;  // [K] images per cluster
  int empty_clusters = 0;
  double entropy = 0;                        // of the mean use of clusters, in nats
  std::optional<double> mean_confidence;     // unset for k-means, which has none
  std::optional<double> neighbor_agreement;  // share of an image's neighbors in its cluster
  std::optional<double> silhouette;
  // Mutual information between the clusters of neighbors, of what even clusters can have: what
  // `cluster` chooses by. Unset but for training images of a frozen backbone.
  std::optional<double> neighbor_information;
  struct AgainstLabels {
    double acc = 0, nmi = 0, ami = 0, ari = 0;
  };
  std::optional<AgainstLabels> labels;  // unset unless every image has a label
};

}  // namespace nolabel

// What became of each class, what is in each cluster, and which classes are taken for which.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "nolabel/base/npy.h"

namespace nolabel {

// One row per class. F1 is the harmonic mean of precision and recall.
struct ClassRow {
  int class_index = 0;
  int64_t images = 0;
  int cluster = -1;      // the one matched with it; -1: none
  double recall = 0;     // share of the class that lies in its cluster
  double precision = 0;  // share of its cluster that belongs to the class
  double f1 = 0;
};

// One row per cluster.
struct ClusterRow {
  int cluster = 0;
  int64_t images = 0;
  int matched_class = -1;   // -1: a surplus cluster
  int majority_class = -1;  // the most frequent (ties to the lower number); -1: an empty cluster
  double purity = 0;        // share of the majority class
};

// counts [K,C] as contingency() returns it, matching [K] as match_clusters() does.
std::vector<ClassRow> class_table(const Matrix<int64_t>& counts, const std::vector<int>& matching);
std::vector<ClusterRow> cluster_table(const Matrix<int64_t>& counts,
                                      const std::vector<int>& matching);

// Row c: of the images of class c, the share whose cluster is matched with each class. When there
// are surplus clusters a last column holds the images in them, so rows always sum to 1 (or are 0,
// for a class without images). [C, C or C+1]
Matrix<float> confusion_matrix(const Matrix<int64_t>& counts, const std::vector<int>& matching);

}  // namespace nolabel

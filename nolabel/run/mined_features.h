// Which features a neighbor table is mined on, as the table's provenance names them ("features").
#pragma once

#include <string>

namespace nolabel {

struct MinedFeatures {
  std::string backbone_hash;
  // True: the features of the backbone. False: the embeddings behind its projection head, if it has
  // one.
  bool before_head = false;
  // So many random views count beside the plain one (ClusterInputs::averaged_features); 0: none.
  int averaged_views = 0;
  std::string views{};  // what determines these views: their recipe and seed, as a short hash

  std::string text() const;
  static MinedFeatures parse(const std::string& text);
};

}  // namespace nolabel

// What the name of a folder tells of its part in a split. Private to this folder.
#pragma once

#include <string>

namespace nolabel {

enum class SplitRole { none, train, test, validation };

struct SplitName {
  SplitRole role = SplitRole::none;
  std::string rest;  // the other words of the name, in lower case; empty when there are none
};

// "Training_Set", "train2017" and "images-train" are training images; "valid" and "val_images" are
// validation images. The word may stand anywhere in the name, between '_', '-' and spaces: two
// folders are a split when the rest of their names is the same. A name with two such words has no
// role.
SplitName split_name(const std::string& folder);

}  // namespace nolabel

// Subsets of ImageNet: a list of classes, one a line, `wnid class name`. The order of the list is
// the order of the labels.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nolabel {

// The published lists, compiled in (imagenet_subsets.cmake).
extern const std::string_view kImagenet50, kImagenet100, kImagenet200;

struct SubsetClass {
  std::string wnid;  // the folder's name
  std::string name;  // what follows it; the wnid again where nothing does
};

// `subset` is imagenet_50, imagenet_100, imagenet_200 or a file of such lines. Throws
// Error(Fault::usage) for an unknown name and for a malformed list (file:line).
std::vector<SubsetClass> read_imagenet_subset(const std::string& subset);

}  // namespace nolabel

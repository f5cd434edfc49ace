// Features that somebody else made: no network, no image, no tensor.
#include <ATen/ATen.h>

#include <limits>

#include "nolabel/base/error.h"
#include "nolabel/model/architecture.h"

namespace nolabel {
namespace {

constexpr const char* identity_name = "identity";
constexpr const char* width = "width";

class GivenFeatures : public BackboneNetwork {
 public:
  explicit GivenFeatures(int dimensions) : dimensions_(dimensions) {}
  int dimensions() const override { return dimensions_; }
  const std::vector<BackboneTensor>& tensors() const override { return none_; }
  at::Tensor features(const NetworkWeights&, const at::Tensor& views, ForwardMode) const override {
    return views;
  }

 private:
  const int dimensions_;
  const std::vector<BackboneTensor> none_;
};

}  // namespace

BackboneDescription given_features(int dimensions) {
  return {identity_name, {{width, std::to_string(dimensions)}}};
}

std::vector<Architecture> given_features_alone() {
  return {{.name = identity_name,
           .parameters = {{.name = width,
                           .help = "dimensions of the features",
                           .otherwise = "0",
                           .low = 0,
                           .high = std::numeric_limits<int>::max()}},
           .takes_images = false,
           .has_weights = false,
           .make = [](const BackboneDescription& description)
               -> std::unique_ptr<const BackboneNetwork> {
             return std::make_unique<GivenFeatures>(number_of(description, width));
           },
           .describe =
               [](const BackboneDescription& description) {
                 return "features of " + description.parameters.at(width);
               }}};
}

}  // namespace nolabel

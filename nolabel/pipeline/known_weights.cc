#include "nolabel/pipeline/known_weights.h"

#include <array>

#include "nolabel/base/hash.h"
#include "nolabel/model/recognise.h"

namespace nolabel {
namespace {

constexpr KnownWeights starter{"03b9432bf5f69d3c9d84c99bc47f0f2327f6be02e1dfd0e5dae1123772219478",
                               "",  // the file says it
                               labels_none};
constexpr KnownWeights lite2{"9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
                             "EfficientNet-Lite2, trained on ImageNet with its labels",
                             labels_imagenet};
constexpr KnownWeights lite0{"579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
                             "EfficientNet-Lite0, trained on ImageNet with its labels",
                             labels_imagenet};

}  // namespace

const KnownWeights* known_weights(const std::filesystem::path& file) {
  static constexpr std::array all{&starter, &lite0, &lite2};
  const std::string hash = file_hash(file);
  for (const KnownWeights* known : all) {
    if (hash == known->sha256) return known;
  }
  return nullptr;
}

}  // namespace nolabel

#include "nolabel/pipeline/known_weights.h"

#include <algorithm>
#include <array>

#include "nolabel/base/format.h"
#include "nolabel/base/hash.h"

namespace nolabel {
namespace {

struct ShippedWeights {
  const char* sha256;       // of the file
  const char* description;  // empty: the file says it
  const char* labels;
};
constexpr std::array shipped{
    ShippedWeights{"03b9432bf5f69d3c9d84c99bc47f0f2327f6be02e1dfd0e5dae1123772219478", "",
                   labels_none},
    ShippedWeights{"9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
                   "EfficientNet-Lite2, trained on ImageNet with its labels", labels_imagenet},
    ShippedWeights{"579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
                   "EfficientNet-Lite0, trained on ImageNet with its labels", labels_imagenet}};

constexpr size_t whole_sha256 = 64;

}  // namespace

Statements statements_of_published(const PublishedBackbone& backbone) {
  Statements statements = backbone.statements;
  statements["description"] = format("{}, trained on {}", backbone.summary, backbone.images);
  statements["labels"] = backbone.labels;
  return statements;
}

std::optional<Statements> known_weights(const std::filesystem::path& file) {
  const std::string hash = file_hash(file);
  const auto found = std::ranges::find(shipped, hash, &ShippedWeights::sha256);
  if (found != shipped.end()) {
    Statements statements{{"labels", found->labels}};
    if (*found->description != '\0') statements["description"] = found->description;
    return statements;
  }
  for (const PublishedBackbone& backbone : published_backbones()) {
    const std::string& sha256 = backbone.sha256;
    if (sha256.size() == whole_sha256 && sha256 == hash) return statements_of_published(backbone);
  }
  return std::nullopt;
}

}  // namespace nolabel

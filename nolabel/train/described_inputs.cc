#include "nolabel/train/described_inputs.h"

namespace nolabel {

std::unique_ptr<InputSource> described_inputs(MessageReader& reader, size_t number,
                                              const SharedImages& images) {
  const nlohmann::json& source = reader.values().at("inputs").at(number);
  const uint64_t seed = source.at("seed");
  const auto stage = static_cast<StageNumber>(source.at("stage").get<uint32_t>());
  if (source.at("kind") == "features") {
    return std::make_unique<CachedFeatures>(reader.next(), seed, stage);
  }
  return std::make_unique<ImageViews>(images.named(source.at("images")),
                                      reader.next_value<ViewRecipe>(), seed, stage,
                                      source.at("threads"));
}

std::optional<FeatureShift> described_shift(MessageReader& reader) {
  if (!reader.values().at("shifted")) return std::nullopt;
  const at::Tensor mean = reader.next();
  return FeatureShift{.mean = mean, .scale = reader.next_value<double>()};
}

}  // namespace nolabel

#include "nolabel/augment/settings.h"

#include <string_view>
#include <utility>

#include "nolabel/augment/draw.h"
#include "nolabel/base/error.h"
#include "nolabel/base/format.h"

namespace nolabel {

namespace {

constexpr Range probability{.low = 0, .high = 1};
constexpr Range side{.low = 1, .high = 4096};

// Two ascending numbers.
void require_interval(std::string_view name, const std::vector<float>& values) {
  if (values.size() != 2) {
    fail_usage("augmentation_kwargs.{} must be two numbers. Received {}.", name, values.size());
  }
  if (values[0] > values[1]) {
    fail_usage("augmentation_kwargs.{} must ascend. Received {} {}.", name, values[0], values[1]);
  }
}

// One amount, not negative, or the range itself.
template <class RangeOf>
FactorRange jitter_range(std::string_view name, const std::vector<float>& values,
                         RangeOf range_of_amount) {
  if (values.size() == 1 && values[0] >= 0) return range_of_amount(values[0]);
  if (values.size() == 1 || values.empty()) {
    fail_usage(
        "augmentation_kwargs.color_jitter.{} must be 0 or more, or two numbers. Received {}.", name,
        values.empty() ? "nothing" : format("{}", values[0]));
  }
  require_interval(format("color_jitter.{}", name), values);
  return {values[0], values[1]};
}

ColorJitter color_jitter(const ColorJitterSettings& s) {
  const auto turns = [](float amount) { return FactorRange{-amount, amount}; };
  return {.probability = s.probability,
          .brightness = jitter_range("brightness", s.brightness, factors_around_one),
          .contrast = jitter_range("contrast", s.contrast, factors_around_one),
          .saturation = jitter_range("saturation", s.saturation, factors_around_one),
          .hue = jitter_range("hue", s.hue, turns)};
}

void require_three(const char* name, const std::vector<float>& values) {
  if (values.size() != 3) {
    fail_usage("normalize.{} must be three numbers: red, green, blue. Received {}.", name,
               values.size());
  }
}

Normalize normalize(const NormalizeSettings& settings) {
  require_three("mean", settings.mean);
  require_three("std", settings.std);
  Normalize result;
  for (int c = 0; c < 3; ++c) {
    result.mean[c] = settings.mean[c];
    result.std[c] = settings.std[c];
  }
  return result;
}

void declare_normalize(Schema& schema, NormalizeSettings& normalize) {
  const auto group = schema.group("normalize");
  schema.add("mean", &normalize.mean, {.low = 0, .high = 1},
             "mean of red, green and blue, subtracted from levels in 0..1");
  schema.add("std", &normalize.std, {.low = 1e-3},
             "standard deviation of red, green and blue, divided by");
  schema.rule("mean", [&normalize] { require_three("mean", normalize.mean); });
  schema.rule("std", [&normalize] { require_three("std", normalize.std); });
}

void declare_resized_crop(Schema& schema, ViewSettings& s) {
  const auto group = schema.group("random_resized_crop");
  schema.add("size", &s.resized_crop_size, side, "side of standard and simclr views, in pixels");
  schema.add("scale", &s.scale, {.low = 1e-4, .high = 1},
             "least and greatest share of the image's area that is cropped (unset: 0.2 1 for "
             "simclr, 0.08 1 for standard)");
  schema.add("ratio", &s.ratio, {.low = 1e-2, .high = 100},
             "least and greatest width / height of the crop");
  schema.rule("scale", [&s] {
    if (!s.scale.empty()) require_interval("random_resized_crop.scale", s.scale);
  });
  schema.rule("ratio", [&s] { require_interval("random_resized_crop.ratio", s.ratio); });
  // torchvision takes Pillow's code where a config cannot name its enum.
  using enum Interpolation;
  schema.add(
      "interpolation", &s.interpolation,
      {{"bilinear", bilinear},
       {"nearest", nearest},
       {"lanczos", lanczos},
       {"bicubic", bicubic},
       {"box", box},
       {"hamming", hamming},
       {"0", nearest},
       {"1", lanczos},
       {"2", bilinear},
       {"3", bicubic},
       {"4", box},
       {"5", hamming}},
      "filter that resizes the crop, by its name or Pillow's code (antialiased, but nearest)");
}

void declare_color(Schema& schema, ViewSettings& s) {
  schema.add("color_jitter_random_apply.p", &s.jitter.probability, probability,
             "share of simclr views with color jitter");
  const auto group = schema.group("color_jitter");
  schema.add(
      "brightness", &s.jitter.brightness, {.low = 0},
      "factor drawn from 1 - this to 1 + this, or from the two numbers given; 0 turns it off");
  schema.add("contrast", &s.jitter.contrast, {.low = 0}, "as brightness");
  schema.add("saturation", &s.jitter.saturation, {.low = 0}, "as brightness");
  schema.add(
      "hue", &s.jitter.hue, {.low = -0.5, .high = 0.5},
      "hue turned by at most this share of the color circle, or from the first to the second "
      "number given; 0 turns it off");
  for (const auto& [name, values] :
       {std::pair("brightness", &s.jitter.brightness), std::pair("contrast", &s.jitter.contrast),
        std::pair("saturation", &s.jitter.saturation), std::pair("hue", &s.jitter.hue)}) {
    schema.rule(name, [=] { jitter_range(name, *values, factors_around_one); });
  }
}

void declare_strong(Schema& schema, ViewSettings& s) {
  schema.add("crop_size", &s.crop_size, side, "side of strong (ours) views, in pixels");
  schema.add("num_strong_augs", &s.strong_operations, {.low = 0, .high = max_strong_operations},
             "operations per strong view, drawn from 14");
  const auto group = schema.group("cutout_kwargs");
  schema.add("n_holes", &s.cutout.holes, {.low = 0, .high = max_cutout_holes},
             "squares of a strong view that are blanked");
  schema.add("length", &s.cutout.length, {.low = 0, .high = 4096},
             "greatest side of such a square, in pixels");
  schema.add("random", &s.cutout.random,
             "draw the side from 1 to length for every view (false: always length)");
}

RandomResizedCrop resized_crop(const ViewSettings& s) {
  RandomResizedCrop crop;
  if (s.scale.empty()) {
    crop.scale_low = s.strategy == Strategy::standard ? 0.08f : 0.2f;
  } else {
    require_interval("random_resized_crop.scale", s.scale);
    crop.scale_low = s.scale[0];
    crop.scale_high = s.scale[1];
  }
  require_interval("random_resized_crop.ratio", s.ratio);
  crop.ratio_low = s.ratio[0];
  crop.ratio_high = s.ratio[1];
  crop.interpolation = s.interpolation;
  return crop;
}

}  // namespace

int published_cutout_length(int image_size) {
  return image_size < 64 ? image_size / 2 : (image_size + 1) / 3;
}

void declare(Schema& schema, ViewSettings& s) {
  schema.add(
      "augmentation_strategy", &s.strategy,
      {{"standard", Strategy::standard}, {"simclr", Strategy::simclr}, {"ours", Strategy::ours}},
      "recipe of training views: crop and flip, SimCLR's, or strong operations and cutout");
  {
    const auto group = schema.group("augmentation_kwargs");
    declare_resized_crop(schema, s);
    declare_color(schema, s);
    schema.add("random_grayscale.p", &s.grayscale_probability, probability,
               "share of simclr views without color");
    declare_strong(schema, s);
    declare_normalize(schema, s.normalize);
  }
  declare_evaluation(schema, s);
}

void declare_evaluation(Schema& schema, ViewSettings& s) {
  const auto group = schema.group("transformation_kwargs");
  schema.add("crop_size", &s.evaluation_crop_size, side, "side of evaluation views, in pixels");
  declare_normalize(schema, s.evaluation_normalize);
}

ViewRecipe training_recipe(const ViewSettings& s) {
  return {.strategy = s.strategy,
          .size = s.strategy == Strategy::ours ? s.crop_size : s.resized_crop_size,
          .crop = resized_crop(s),
          .jitter = color_jitter(s.jitter),
          .grayscale_probability = s.grayscale_probability,
          .strong_operations = s.strong_operations,
          .cutout = s.cutout,
          .normalize = normalize(s.normalize)};
}

ViewRecipe evaluation_recipe(const ViewSettings& s) {
  return {.strategy = Strategy::evaluation,
          .size = s.evaluation_crop_size,
          .normalize = normalize(s.evaluation_normalize)};
}

}  // namespace nolabel

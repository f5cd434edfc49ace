#include <filesystem>
#include <span>

#include "nolabel/augment/settings.h"
#include "nolabel/augment/view.h"
#include "nolabel/base/file.h"
#include "nolabel/facade/call.h"
#include "nolabel/image/decode.h"
#include "nolabel/nolabel.h"

namespace nolabel {
namespace {

constexpr int largest_view = 4096;  // as the settings of views have it
constexpr int most_views = 1'000'000;

ViewRecipe recipe_of(const ViewsOptions& options) {
  if (options.size < 1 || options.size > largest_view) {
    fail_usage("size must be 1..{}. Received {}.", largest_view, options.size);
  }
  if (options.count < 0 || options.count > most_views) {
    fail_usage("count must be 0..{}. Received {}.", most_views, options.count);
  }
  Schema schema;
  ViewSettings settings;
  settings.resized_crop_size = settings.crop_size = settings.evaluation_crop_size = options.size;
  settings.cutout.length = published_cutout_length(options.size);
  declare(schema, settings);
  schema.set("augmentation_strategy", options.recipe, "recipe");
  for (const auto& [name, value] : options.settings) schema.set(name, value, "settings");
  schema.check();
  return training_recipe(settings);
}

void require_pixels(ImageView picture) {
  if (!picture.data || picture.height < 1 || picture.width < 1) {
    fail_usage("a picture must have pixels. Received {} rows of {}.", picture.height,
               picture.width);
  }
}

}  // namespace

Matrix<float> normalized_views(ImageView picture, const ViewsOptions& options,
                               const Observer& observer) {
  Matrix<float> views;
  facade_call([&] {
    require_pixels(picture);
    const ViewRecipe recipe = recipe_of(options);
    views = Matrix<float>(options.count, int64_t{3} * recipe.size * recipe.size);
    for (int i = 0; i < options.count; ++i) {
      observer.stop_if_requested();
      const ViewKey key{.seed = options.seed, .position = static_cast<uint32_t>(i)};
      make_view(picture, key, recipe, views.row(i));
    }
  });
  return views;
}

std::vector<Image> views(ImageView picture, const ViewsOptions& options, const Observer& observer) {
  std::vector<Image> pictures;
  facade_call([&] {
    const Matrix<float> views = normalized_views(picture, options, observer);
    const ViewRecipe recipe = recipe_of(options);
    for (int64_t i = 0; i < views.rows; ++i) {
      pictures.push_back(unnormalized(views.row(i), recipe));
    }
  });
  return pictures;
}

Image read_picture(const std::filesystem::path& file) {
  Image picture;
  facade_call([&] {
    if (!std::filesystem::is_regular_file(file)) {
      fail_usage("a picture must be a file. Received {}.", file.string());
    }
    const std::string content = read_file(file);
    try {
      picture = decode_image(std::as_bytes(std::span(content)));
    } catch (const Error& error) {
      throw Error(error.fault(), format("{}: {}", file.string(), error.what()));
    }
  });
  return picture;
}

}  // namespace nolabel

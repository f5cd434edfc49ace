// nolabel views IMAGE: a sheet of views, to see what a recipe does.
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>

#include "cli/frame/command_line.h"
#include "nolabel/augment/contact_sheet.h"
#include "nolabel/augment/settings.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/format.h"
#include "nolabel/base/output_place.h"
#include "nolabel/image/decode.h"
#include "nolabel/image/encode.h"
#include "nolabel/image/resize.h"
#include "nolabel/pipeline/picture_size.h"

namespace nolabel::cli {
namespace {

struct ViewsOptions {
  std::string image;
  std::string out = "views.png";
  Strategy recipe = Strategy::simclr;
  int size = 96;
  uint64_t seed = 0;
  int columns = 8, rows = 4;
};

void declare(Schema& schema, ViewsOptions& options) {
  schema.add(
      "recipe", &options.recipe,
      {{"standard", Strategy::standard}, {"simclr", Strategy::simclr}, {"ours", Strategy::ours}},
      "recipe to show: crop and flip (standard), SimCLR's views (simclr) or SCAN's strong views "
      "(ours)");
  schema.add("out", &options.out, "the sheet, a .png file");
  schema.add("size", &options.size, {.low = 8, .high = 1024}, "side of a view in pixels");
  schema.add("seed", &options.seed, "another seed draws other views");
  schema.add("columns", &options.columns, {.low = 1, .high = 64}, "views next to each other");
  schema.add("rows", &options.rows, {.low = 1, .high = 64}, "rows of views");
}

// As training would see it; a picture smaller than a view grows to one.
Image at_training_size(const Image& image, int size) {
  const int short_side = std::min(image.height, image.width);
  const int length = kept_short_side(short_side, picture_size(published_for({}, size), size));
  return resize_short_side(image.view(), std::max(size, length));
}

// Decoders say why, not which.
Image named_image(const std::string& path) {
  if (!std::filesystem::exists(path)) fail_usage("IMAGE must exist. Received {}.", path);
  if (std::filesystem::is_directory(path)) {
    fail_usage("IMAGE must be a picture. {} is a folder.", path);
  }
  const std::string content = read_file(path);
  try {
    return decode_image(std::as_bytes(std::span(content)));
  } catch (const Error& error) {
    throw Error(error.fault(), format("{}: {}", path, error.what()));
  }
}

using Encode = std::string (*)(ImageView);

// The encoder of the format that the name ends in.
Encode encoder_for(const std::filesystem::path& file) {
  const std::string extension = file.extension().string();
  if (extension == ".png") return encode_png;
  if (extension == ".jpg" || extension == ".jpeg") {
    return [](ImageView image) { return encode_jpeg(image, 95, Chroma::full); };
  }
  fail_usage("--out must end in .png or .jpg. Received {}.", file.string());
}

}  // namespace

int run_views(CommandLine& line) {
  ViewsOptions options;
  line.argument("IMAGE", &options.image, "a picture: JPEG, PNG, WebP, HEIC …");
  declare(line.options(), options);
  if (!line.parse()) return 0;

  check_output(options.out);
  const Encode encode = encoder_for(options.out);
  ViewRecipe recipe;
  recipe.strategy = options.recipe;
  recipe.size = options.size;
  recipe.cutout.length = published_cutout_length(options.size);
  if (options.recipe == Strategy::standard) recipe.crop.scale_low = 0.08f;

  const Image image = at_training_size(named_image(options.image), options.size);
  const Image sheet = view_sheet(image.view(), recipe, options.seed, options.columns, options.rows);
  write_file(options.out, encode(sheet.view()));
  line.print(format("{}: {} views of {}; the first view has no random changes\n", options.out,
                    options.columns * options.rows, options.image));
  line.result({{"out", options.out},
               {"views", options.columns * options.rows},
               {"width", sheet.width},
               {"height", sheet.height}});
  return 0;
}

}  // namespace nolabel::cli

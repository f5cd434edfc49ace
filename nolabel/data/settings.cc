#include "nolabel/data/settings.h"

namespace nolabel {

void declare(Schema& schema, CacheSettings& settings, const std::string& otherwise) {
  schema.add("cache_dir", &settings.directory,
             "folder for images that do not fit into the memory, kept for the next time; empty: " +
                 otherwise,
             Effect::none);
  schema.path("cache_dir");
  schema.add("cache_format", &settings.format,
             {{"raw", CacheFormat::raw}, {"compressed", CacheFormat::compressed}},
             "raw keeps pixels as decoded; compressed needs a fifth of the room, and a level "
             "differs by about 1 of 255 (JPEG of quality 95; also of images kept in memory)");
}

void declare(Schema& schema, DataSettings& settings) {
  schema.add("labels", &settings.labels,
             {{"auto", LabelSource::automatic},
              {"folders", LabelSource::folders},
              {"none", LabelSource::none}},
             "where labels come from (labels are used only for metrics); auto: the data set, the "
             "list file, or the names of class folders if every image is in one; folders: the "
             "same, but images outside class folders are an error; none: no labels",
             Effect::none);
  schema.add("coarse", &settings.coarse, "CIFAR-100: take the 20 superclasses as labels",
             Effect::none);
  schema.add("subset", &settings.subset,
             "ImageNet: only these classes: imagenet_50, imagenet_100, imagenet_200, or a file of "
             "lines `wnid class name`");
  schema.path("subset");
  schema.add("unlabeled", &settings.unlabeled,
             "STL-10: train the pretext on the 100,000 unlabeled images, too");
  schema.add("hold_out", &settings.hold_out, {.low = 0, .high = 0.9},
             "share of the images that becomes the validation split if the data has no validation "
             "or test images");
  schema.add("split_seed", &settings.split_seed, {.low = -1},
             "seed that draws the images of hold_out; -1: the seed of the command that first sets "
             "images aside, which the run remembers",
             Effect::none);
  schema.add("duplicates", &settings.duplicates,
             {{"group", Duplicates::group}, {"keep", Duplicates::keep}},
             "group: finds near-duplicates and images that show nothing; one image of each group "
             "trains and the others take its cluster, and what shows nothing does not train; keep: "
             "every image trains");
  schema.published("duplicates", "keep");
  schema.add("memory", &settings.memory_mb, {.low = 1},
             "megabytes of pixels kept in memory; more goes to a cache file", Effect::none);
  declare(
      schema, settings.cache,
      "NOLABEL_CACHE, else nolabel in the user's cache folder, else cache in the run directory");
  schema.add("strict", &settings.strict, "stop at a file that cannot be read as an image",
             Effect::none);
  schema.add("reduced_decode", &settings.reduced_decode,
             "decode JPEGs much larger than needed at a reduced scale: three times faster, a pixel "
             "may differ by some levels");
  // The published program decodes every photo in full.
  schema.published("reduced_decode", "false");
}

}  // namespace nolabel

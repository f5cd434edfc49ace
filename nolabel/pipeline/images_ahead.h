// What the images of a run will be, told by a sample before all of them are read.
#pragma once

#include <cstdint>
#include <functional>

#include "nolabel/data/settings.h"
#include "nolabel/data/source.h"
#include "nolabel/run/environment.h"

namespace nolabel {

struct ImagesAhead {
  Dataset sample;                     // of all of them
  std::filesystem::path root;         // see LoadedImages
  int64_t train = 0, validation = 0;  // about how many there will be
  double seconds = 0;                 // until they are loaded
};

// Told while the images of a run are loaded; nothing where they are decoded already.
struct LoadingWatch {
  std::function<void(const ImagesAhead&)> sampled;  // once, before most are read
  // Now and then afterwards: how long loading still takes.
  std::function<void(double seconds)> proceeded;
};

// Makes this of what load_images() tells. It loads the parts of a run's images, training images and
// others, one after another.
class LoadedParts {
 public:
  // All must outlive it.
  LoadedParts(const LoadingWatch& watch, const DataSettings& settings,
              const Environment& environment)
      : watch_(watch), settings_(settings), environment_(environment) {}

  // For the next part, after one with so many images. `count_after`: how many files follow it.
  ReadingWatch next(int64_t before, std::function<int64_t()> count_after);

 private:
  void tell(const SampledImages& images, int64_t before, int64_t after);

  const LoadingWatch& watch_;
  const DataSettings& settings_;
  const Environment& environment_;
  bool told_ = false;
  double seconds_after_ = 0;  // parts that follow
  double screening_ = 0;      // seconds, of all parts
};

}  // namespace nolabel

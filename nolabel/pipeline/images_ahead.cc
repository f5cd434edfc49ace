#include "nolabel/pipeline/images_ahead.h"

#include <chrono>
#include <cmath>

#include "nolabel/data/screening.h"
#include "nolabel/pipeline/estimate.h"

namespace nolabel {
namespace {

// Of an image. Screening looks at each alone, and the search among them takes little beside it.
double screening_seconds(const Dataset& sample, const Environment& environment) {
  constexpr int64_t enough = 64;
  const Dataset some = some_of(sample, enough);
  std::vector<ContentId> contents;
  for (int64_t i = 0; i < some.size(); ++i) contents.push_back(content_id(some.name(i)));
  const auto start = std::chrono::steady_clock::now();
  screen_images({&some}, contents, environment.threads, environment.observer.silent());
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() /
         static_cast<double>(some.size());
}

}  // namespace

ReadingWatch LoadedParts::next(int64_t before, std::function<int64_t()> count_after) {
  if (!watch_.sampled) return {};
  seconds_after_ = 0;  // until a sample of this part says what follows
  return {.sampled =
              [this, before, count_after](const SampledImages& images) {
                const int64_t after = count_after();
                seconds_after_ = static_cast<double>(after) * images.seconds_each;
                if (!told_) tell(images, before, after);
                told_ = true;
              },
          .proceeded =
              [this](double seconds_left) {
                if (told_ && watch_.proceeded) {
                  watch_.proceeded(seconds_left + seconds_after_ + screening_);
                }
              }};
}

void LoadedParts::tell(const SampledImages& images, int64_t before, int64_t after) {
  const int64_t all = before + images.total + after;
  if (settings_.duplicates == Duplicates::group) {
    screening_ = static_cast<double>(all) * screening_seconds(images.images, environment_);
  }
  const bool has_parts = before + after > 0;
  const int64_t train = before > 0 ? before : images.total;
  const auto held_out = std::llround(settings_.hold_out * static_cast<double>(all));
  watch_.sampled({.sample = images.images,
                  .root = images.root,
                  .train = has_parts ? train : all - held_out,
                  .validation = has_parts ? all - train : held_out,
                  .seconds = images.seconds_left + seconds_after_ + screening_});
}

}  // namespace nolabel

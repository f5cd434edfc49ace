#include "nolabel/neighbors/feature_bank.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "nolabel/base/error.h"
#include "nolabel/record/progress_meter.h"

namespace nolabel {
namespace {

int64_t output_width(const Model& model, BankOutput output) {
  const ModelSettings& settings = model.settings();
  if (output == BankOutput::features) return model.dimensions();
  NOLABEL_ASSERT(settings.kind == ModelSettings::Kind::contrastive);
  return settings.embedding_dimensions;
}

// Views of `count` images from `first` on, [count,3,S,S] channels-last.
at::Tensor views_of(const Dataset& dataset, const BankOptions& options, const ViewKey& key,
                    int64_t first, int64_t count) {
  std::vector<ViewRequest> requests;
  for (int64_t i = first; i < first + count; ++i) {
    ViewRequest request{i, key};
    request.key.position = static_cast<uint32_t>(i);
    requests.push_back(request);
  }
  const int64_t size = options.recipe.size;
  const at::Tensor views = at::empty({count, size, size, 3}, at::kFloat);
  make_views(dataset, requests, options.recipe, options.threads, views.mutable_data_ptr<float>());
  return views.permute({0, 3, 1, 2});
}

// The rows of a bank in the order in which they are computed, of which those that a RowFile holds
// are there from the beginning.
class BankRows {
 public:
  BankRows(int64_t rows, int64_t width, RowFile* begun)
      : rows_(at::empty({rows, width}, at::kFloat)), begun_(begun) {
    if (!begun_) return;
    const std::vector<float> found = begun_->read(width);
    found_ = done_ = saved_ = std::min(rows, static_cast<int64_t>(found.size()) / width);
    std::copy_n(found.data(), done_ * width, rows_.mutable_data_ptr<float>());
  }

  int64_t done() const { return done_; }
  at::Tensor all() const { return rows_; }

  void add(const at::Tensor& output) {
    rows_.narrow(0, done_, output.size(0)).copy_(output);
    done_ += output.size(0);
    if (begun_ && seconds_since(last_saved_) > seconds_between_saves) save();
  }

  // Looked at between two batches.
  void stop_if_requested(const Observer& observer) {
    if (!observer.cancel.requested()) return;
    const bool little_done =
        done_ == found_ || seconds_since(start_) < seconds_of_work_despite_limit;
    if (begun_ && observer.cancel.passed_limit() && little_done) return;
    if (begun_) save();
    observer.stop_if_requested();
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr double seconds_between_saves = 5;

  static double seconds_since(Clock::time_point time) {
    return std::chrono::duration<double>(Clock::now() - time).count();
  }

  void save() {
    begun_->append(rows_.const_data_ptr<float>() + saved_ * rows_.size(1), done_ - saved_,
                   rows_.size(1));
    saved_ = done_;
    last_saved_ = Clock::now();
  }

  const at::Tensor rows_;
  RowFile* const begun_;
  int64_t found_ = 0, done_ = 0, saved_ = 0;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point last_saved_ = start_;
};

}  // namespace

at::Tensor extract(Model& model, const Dataset& dataset, const BankOptions& options,
                   const Observer& observer, RowFile* begun) {
  return extract_views(model, dataset, options, 1, observer, begun)[0];
}

int bank_batch_size(const ViewRecipe& recipe, at::Device device) {
  constexpr int largest = 256, pixels = 1 << 20;
  if (!device.is_cpu()) return largest;
  return std::clamp(pixels / (recipe.size * recipe.size), 1, largest);
}

at::Tensor extract_views(Model& model, const Dataset& dataset, const BankOptions& options,
                         int views, const Observer& observer, RowFile* begun) {
  NOLABEL_ASSERT(views >= 1 && options.batch_size >= 0);
  const int64_t batch_size =
      options.batch_size > 0 ? options.batch_size : bank_batch_size(options.recipe, model.device());
  const c10::NoGradGuard no_gradient;
  const int64_t images = dataset.size();
  const int64_t width = output_width(model, options.output);
  BankRows bank(views * images, width, begun);
  ProgressMeter meter(options.purpose, views == 1 ? "images" : "views", views * images,
                      bank.done());
  while (bank.done() < views * images) {
    bank.stop_if_requested(observer);
    const int64_t view = bank.done() / images, first = bank.done() % images;
    ViewKey key = options.key;
    key.epoch += static_cast<uint32_t>(view);
    // Batches begin where they would without an interruption: how many images a batch holds may
    // change the last bits of a convolution.
    const int64_t end = (first / batch_size + 1) * batch_size;
    const int64_t count = std::min(end, images) - first;
    const at::Tensor input = views_of(dataset, options, key, first, count).to(model.device());
    at::Tensor output = model.features(input, ForwardMode::evaluate);
    if (options.output == BankOutput::embeddings) output = model.embeddings(output);
    bank.add(output);
    if (observer.progress) observer.progress(meter.update(bank.done()));
  }
  return bank.all().view({views, images, width});
}

}  // namespace nolabel

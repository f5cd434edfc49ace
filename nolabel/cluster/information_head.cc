#include "nolabel/cluster/information_head.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <functional>

#include "nolabel/base/error.h"
#include "nolabel/base/random.h"
#include "nolabel/cluster/information_loss.h"
#include "nolabel/neighbors/neighbor_table.h"
#include "nolabel/train/optimizer.h"

namespace nolabel {
namespace {

// Adam's rates: the head begins at zero and learns the given clusters quickly; the refinement is
// slower. Three times the epochs, or another rate within a factor of two, changes little.
constexpr double kSmallestDeviation = 1e-6;
constexpr double kStartRate = 1e-2, kRefinementRate = 3e-3;

// Few images of many dimensions are learnt by heart: 1,000 photos of 1,280 dimensions had 94.4 % of
// 400 other photos right with 1e-4, and 95.6 % with 1e-2. 13,000 of 256 lost half a point with
// 1e-2.
// `deviation` [D]: dimensions that are constant do not count.
double weight_decay(const at::Tensor& deviation, int64_t images) {
  const auto dimensions = deviation.gt(kSmallestDeviation).sum().item<double>();
  return std::clamp(0.008 * dimensions / static_cast<double>(images), 1e-4, 1e-2);
}

class HeadFit {
 public:
  HeadFit(const at::Tensor& features, const InformationHeadOptions& options,
          const Observer& observer)
      : features_(features),
        options_(options),
        observer_(observer),
        mean_(features.mean(0, false, at::kDouble).to(at::kFloat)),
        deviation_(features.std(0, /*unbiased=*/false).clamp_min(kSmallestDeviation)),
        weight_(at::zeros({options.clusters, features.size(1)}, at::kFloat)),
        bias_(at::zeros({options.clusters}, at::kFloat)) {
    weight_.set_requires_grad(true);
    bias_.set_requires_grad(true);
  }

  // Steps over all images in random order, `epochs` times. `loss` of a batch of images.
  void train(
      int epochs, double rate,
      const std::function<at::Tensor(const std::vector<int64_t>& images, Random& random)>& loss) {
    Optimizer optimizer({.kind = OptimizerKind::adam,
                         .learning_rate = rate,
                         .weight_decay = weight_decay(deviation_, features_.size(0))},
                        {weight_, bias_});
    const int64_t images = features_.size(0);
    const int64_t batch = std::min(images, std::clamp<int64_t>(images / 10, 200, 1000));
    for (int epoch = 0; epoch < epochs; ++epoch, ++epochs_) {
      Random random(options_.seed, Purpose::head, epochs_, 1);
      const std::vector<int64_t> order =
          permutation(images, Random(options_.seed, Purpose::head, epochs_, 0));
      for (int64_t first = 0; first + batch <= images; first += batch) {
        observer_.stop_if_requested();
        step(optimizer, loss({order.begin() + first, order.begin() + first + batch}, random), rate);
      }
    }
  }

  at::Tensor logits(const std::vector<int64_t>& images) const {
    const at::Tensor rows = features_.index_select(0, at::tensor(images, at::kLong));
    return at::linear((rows - mean_) / deviation_, weight_, bias_);
  }

  LinearHead head() const {
    const at::Tensor weight = (weight_.detach() / deviation_).to(at::kDouble);
    return {weight.to(at::kFloat),
            (bias_.detach() - weight.matmul(mean_.to(at::kDouble))).to(at::kFloat)};
  }

 private:
  void step(Optimizer& optimizer, const at::Tensor& loss, double rate) {
    loss.backward();
    optimizer.step({weight_.grad(), bias_.grad()}, rate, at::zeros({}, at::kFloat), {});
    weight_.mutable_grad().reset();
    bias_.mutable_grad().reset();
  }

  const at::Tensor& features_;
  const InformationHeadOptions& options_;
  const Observer& observer_;
  const at::Tensor mean_, deviation_;  // [D]
  at::Tensor weight_, bias_;
  uint32_t epochs_ = 0;  // of both trainings
};

// One of the image's neighbors; the image itself where it has none.
int64_t random_neighbor(const Matrix<int64_t>& neighbors, int64_t image, Random& random) {
  const int64_t* row = neighbors.row(image);
  const auto others =
      neighbors.columns - std::count_if(row, row + neighbors.columns,
                                        [&](int64_t i) { return i == image || i == no_neighbor; });
  if (others == 0) return image;
  auto left = static_cast<int64_t>(random.below(others));
  for (int64_t column = 0;; ++column) {
    if (row[column] == image || row[column] == no_neighbor) continue;
    if (left-- == 0) return row[column];
  }
}

}  // namespace

int information_epochs(int64_t images) {
  if (images < 5000) return static_cast<int>(std::min<int64_t>(75'000 / images, 1000));
  return images > 20'000 ? 8 : 15;
}

LinearHead fit_information_head(const at::Tensor& features, const Matrix<int64_t>& neighbors,
                                const std::vector<int64_t>& start,
                                const InformationHeadOptions& options, const Observer& observer) {
  NOLABEL_ASSERT(features.size(0) == neighbors.rows);
  NOLABEL_ASSERT(std::ssize(start) == neighbors.rows);
  const c10::AutoGradMode gradients(true);
  HeadFit fit(features, options, observer);
  fit.train(options.start_epochs, kStartRate, [&](const std::vector<int64_t>& images, Random&) {
    std::vector<int64_t> clusters;
    for (const int64_t image : images) clusters.push_back(start[image]);
    return at::cross_entropy_loss(fit.logits(images), at::tensor(clusters, at::kLong));
  });
  fit.train(options.epochs, kRefinementRate,
            [&](const std::vector<int64_t>& images, Random& random) {
              std::vector<int64_t> others;
              for (const int64_t image : images)
                others.push_back(random_neighbor(neighbors, image, random));
              return information_loss(fit.logits(images).softmax(1), fit.logits(others).softmax(1));
            });
  return fit.head();
}

}  // namespace nolabel

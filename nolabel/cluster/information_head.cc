#include "nolabel/cluster/information_head.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <functional>

#include "nolabel/base/error.h"
#include "nolabel/base/random.h"
#include "nolabel/cluster/information_loss.h"
#include "nolabel/cluster/principal_components.h"
#include "nolabel/neighbors/neighbor_table.h"
#include "nolabel/train/optimizer.h"

namespace nolabel {
namespace {

// Adam's rates: the head begins at zero and learns the given clusters quickly; the refinement is
// slower. Three times the epochs, or another rate within a factor of two, changes little.
constexpr double kStartRate = 1e-2, kRefinementRate = 3e-3;
// This weight decay keeps the probabilities soft, and the head from learning few images by heart:
// of 400 other photos, a head of 1,000 photos had 95.8 % right, and 94.4 % with 5e-4. 1e-1 is
// better still where features are strong (97.3 %), and makes all clusters one where they are weak.
constexpr double kWeightDecay = 3e-2;

// Components that a head learns from: at least 16 images for each, because a head of more learns
// few images by heart.
int64_t component_count(int64_t images, int64_t depth) {
  return std::min({std::clamp<int64_t>(images / 16, 16, 256), images, depth});
}

int64_t batch_size(int64_t images) {
  return std::min(images, std::clamp<int64_t>(images / 10, 200, 1000));
}

// [C] logarithms of the shares of the images that the refinement expects: the geometric mean of
// those in the start and equal ones. With those of the start alone, clusters of very different
// sizes gained a point more, but even clusters lost half a point, and a start that divides a group
// is not repaired. One image more in each cluster keeps the logarithms finite.
at::Tensor log_expected_shares(const std::vector<int64_t>& start, int clusters) {
  std::vector<float> sizes(clusters, 1);
  for (const int64_t cluster : start) ++sizes[cluster];
  const at::Tensor means = at::tensor(sizes).sqrt();
  return (means / means.sum()).log();
}

class HeadFit {
 public:
  HeadFit(const at::Tensor& features, const InformationHeadOptions& options,
          const Observer& observer)
      : options_(options),
        observer_(observer),
        components_(
            principal_components(features, component_count(features.size(0), features.size(1)))),
        whitening_(components_.directions / scale_of(components_.deviations)),
        rows_((features - components_.mean).matmul(whitening_.to(at::kFloat))),
        weight_(at::zeros({options.clusters, rows_.size(1)}, at::kFloat)),
        bias_(at::zeros({options.clusters}, at::kFloat)) {
    weight_.set_requires_grad(true);
    bias_.set_requires_grad(true);
  }

  // Steps over all images in random order, `epochs` times. `loss` of a batch of images.
  void train(
      int epochs, double rate,
      const std::function<at::Tensor(const std::vector<int64_t>& images, Random& random)>& loss) {
    Optimizer optimizer(
        {.kind = OptimizerKind::adam, .learning_rate = rate, .weight_decay = kWeightDecay},
        {weight_, bias_});
    const int64_t images = rows_.size(0), batch = batch_size(images);
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
    return at::linear(rows_.index_select(0, at::tensor(images, at::kLong)), weight_, bias_);
  }

  LinearHead head() const {
    const at::Tensor weight = weight_.detach().to(at::kDouble).matmul(whitening_.t());  // [C,D]
    return {weight.to(at::kFloat),
            (bias_.detach() - weight.matmul(components_.mean.to(at::kDouble))).to(at::kFloat)};
  }

 private:
  // Directions in which the features hardly vary count as they are: nothing is divided by nothing.
  static at::Tensor scale_of(const at::Tensor& deviations) {
    constexpr double smallest = 1e-4;  // of the largest
    const double least = smallest * deviations.max().item<double>();
    return deviations.where(deviations > least, at::full({}, std::max(least, 1.0), at::kDouble));
  }

  void step(Optimizer& optimizer, const at::Tensor& loss, double rate) {
    loss.backward();
    optimizer.set_learning_rate(rate);
    optimizer.step({weight_.grad(), bias_.grad()}, at::zeros({}, at::kFloat));
    weight_.mutable_grad().reset();
    bias_.mutable_grad().reset();
  }

  const InformationHeadOptions& options_;
  const Observer& observer_;
  const PrincipalComponents components_;
  const at::Tensor whitening_;  // [D,d] float64: the components, each with variance 1
  const at::Tensor rows_;       // [N,d]: what the head learns from
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

int information_start_epochs(int64_t images, int steps) {
  const int64_t of_epoch = images / batch_size(images);
  return static_cast<int>((steps + of_epoch - 1) / of_epoch);
}

LinearHead fit_information_head(const at::Tensor& features, const Matrix<int64_t>& neighbors,
                                const std::vector<int64_t>& start,
                                const InformationHeadOptions& options, const Observer& observer) {
  NOLABEL_ASSERT(features.size(0) == neighbors.rows);
  NOLABEL_ASSERT(std::ssize(start) == neighbors.rows);
  const c10::AutoGradMode gradients(true);
  HeadFit fit(features, options, observer);
  fit.train(information_start_epochs(features.size(0), options.start_steps), kStartRate,
            [&](const std::vector<int64_t>& images, Random&) {
              std::vector<int64_t> clusters;
              for (const int64_t image : images) clusters.push_back(start[image]);
              return at::cross_entropy_loss(fit.logits(images), at::tensor(clusters, at::kLong));
            });
  const at::Tensor expected = log_expected_shares(start, options.clusters);
  fit.train(options.epochs, kRefinementRate,
            [&](const std::vector<int64_t>& images, Random& random) {
              std::vector<int64_t> others;
              for (const int64_t image : images)
                others.push_back(random_neighbor(neighbors, image, random));
              return information_loss(fit.logits(images).softmax(1), fit.logits(others).softmax(1),
                                      expected);
            });
  return fit.head();
}

}  // namespace nolabel

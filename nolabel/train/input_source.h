// Where a task's inputs come from: random views of images, or features that were cached from a
// frozen backbone. Tasks do not know which; training heads on cached features is the same code.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <span>

#include "nolabel/augment/view.h"
#include "nolabel/data/dataset.h"
#include "nolabel/group/message.h"
#include "nolabel/train/task.h"

namespace nolabel {

// One view of an image in an epoch.
struct ViewOf {
  int64_t image;
  int64_t position;  // of the anchor in the epoch's order
  uint32_t role;     // ViewKey::role
};

class InputSource {
 public:
  virtual ~InputSource() = default;
  virtual int64_t size() const = 0;  // images
  // Host tensor, one row per view: [n,3,S,S] channels-last, or [n,D].
  virtual at::Tensor gather(int epoch, std::span<const ViewOf> views) const = 0;
  // Features [n,D] of what gather() returned.
  virtual at::Tensor features(Model& model, const at::Tensor& inputs, ForwardMode mode) const = 0;
  // Sees to it that the workers of a group have what it draws from, and adds to `message` what
  // described_inputs() (described_inputs.h) makes the same source from.
  virtual void describe(Group& group, Message& message) const = 0;
};

// Random views of a data set's images. The data set must outlive it.
class ImageViews : public InputSource {
 public:
  ImageViews(const Dataset& dataset, const ViewRecipe& recipe, uint64_t seed, StageNumber stage,
             int threads);
  int64_t size() const override { return dataset_.size(); }
  at::Tensor gather(int epoch, std::span<const ViewOf> views) const override;
  at::Tensor features(Model& model, const at::Tensor& inputs, ForwardMode mode) const override;
  void describe(Group& group, Message& message) const override;

 private:
  const Dataset& dataset_;
  const ViewRecipe recipe_;
  const uint64_t seed_;
  const StageNumber stage_;
  const int threads_;
};

// Features of V drawn views of each image, [V,N,D]; each request gets one of the V at random.
class CachedFeatures : public InputSource {
 public:
  CachedFeatures(at::Tensor features, uint64_t seed, StageNumber stage);
  int64_t size() const override { return features_.size(1); }
  at::Tensor gather(int epoch, std::span<const ViewOf> views) const override;
  at::Tensor features(Model& model, const at::Tensor& inputs, ForwardMode mode) const override;
  void describe(Group& group, Message& message) const override;

 private:
  const at::Tensor features_;
  const uint64_t seed_;
  const StageNumber stage_;
};

}  // namespace nolabel

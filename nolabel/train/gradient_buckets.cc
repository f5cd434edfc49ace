#include "nolabel/train/gradient_buckets.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/function_hook.h>
#include <torch/csrc/autograd/variable.h>

#include <utility>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

// So that each gradient begins where vector instructions like to.
int64_t aligned(int64_t elements) {
  constexpr int64_t step = 16;
  return (elements + step - 1) / step * step;
}

}  // namespace

// A leaf's gradient of one backward pass is complete.
class GradientBuckets::Arrival : public torch::autograd::PostAccumulateGradHook {
 public:
  Arrival(GradientBuckets& buckets, size_t leaf) : buckets_(buckets), leaf_(leaf) {}
  void operator()(const at::Tensor&) override { buckets_.arrive(leaf_); }

 private:
  GradientBuckets& buckets_;
  const size_t leaf_;
};

GradientBuckets::GradientBuckets(std::shared_ptr<Group> group, std::vector<at::Tensor> leaves,
                                 const std::vector<at::Tensor>& like, int64_t bytes)
    : group_(std::move(group)),
      leaves_(std::move(leaves)),
      gradients_(leaves_.size()),
      bucket_of_(leaves_.size()),
      taken_(leaves_.size()) {
  NOLABEL_ASSERT(like.size() == leaves_.size());
  // A backward pass reaches the last layers first.
  for (size_t end = leaves_.size(); end > 0;) {
    size_t first = end;
    int64_t size = 0;
    while (first > 0) {
      size += static_cast<int64_t>(like[first - 1].nbytes());
      if (first < end && size > bytes) break;
      --first;
    }
    fill(first, end, like);
    end = first;
  }
  for (size_t i = 0; i < leaves_.size(); ++i) {
    torch::autograd::impl::set_post_acc_grad_hooks(leaves_[i], std::make_unique<Arrival>(*this, i));
  }
}

GradientBuckets::~GradientBuckets() {
  for (const at::Tensor& leaf : leaves_) {
    torch::autograd::impl::set_post_acc_grad_hooks(leaf, nullptr);
  }
}

// A bucket of the leaves [first, last).
void GradientBuckets::fill(size_t first, size_t last, const std::vector<at::Tensor>& like) {
  Bucket bucket;
  int64_t size = 0;
  for (size_t i = first; i < last; ++i) {
    NOLABEL_ASSERT(like[i].options().type_equal(like[0].options()));
    NOLABEL_ASSERT(like[i].is_non_overlapping_and_dense());
    bucket.leaves.push_back(i);
    bucket_of_[i] = buckets_.size();
    size += aligned(like[i].numel());
  }
  bucket.flat = at::zeros({size}, like[0].options().requires_grad(false));
  int64_t begin = 0;
  for (const size_t i : bucket.leaves) {
    gradients_[i] = bucket.flat.as_strided(like[i].sizes(), like[i].strides(), begin);
    begin += aligned(like[i].numel());
  }
  buckets_.push_back(std::move(bucket));
}

void GradientBuckets::expect_last_pass() {
  last_pass_ = true;
}

void GradientBuckets::arrive(size_t leaf) {
  if (!last_pass_) return;
  NOLABEL_ASSERT(!taken_[leaf]);
  take(leaf);
  ++buckets_[bucket_of_[leaf]].arrived;
  for (; next_ < buckets_.size(); ++next_) {
    Bucket& bucket = buckets_[next_];
    if (bucket.arrived < bucket.leaves.size()) return;
    bucket.sum = group_->begin_sum(bucket.flat);
  }
}

void GradientBuckets::take(size_t leaf) {
  const c10::NoGradGuard no_grad;
  at::Tensor& gradient = leaves_[leaf].mutable_grad();
  if (gradient.defined()) {
    gradients_[leaf].copy_(gradient);
    gradient.reset();
  } else {
    gradients_[leaf].zero_();
  }
  taken_[leaf] = true;
}

void GradientBuckets::finish() {
  NOLABEL_ASSERT(last_pass_);
  for (size_t leaf = leaves_.size(); leaf-- > 0;) {
    if (!taken_[leaf]) arrive(leaf);
  }
  for (Bucket& bucket : buckets_) {
    bucket.sum->finish();
    bucket.sum.reset();
    bucket.arrived = 0;
  }
  taken_.assign(taken_.size(), false);
  next_ = 0;
  last_pass_ = false;
}

}  // namespace nolabel

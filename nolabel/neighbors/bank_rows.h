// The rows of a feature bank: views of images through the network, by one process or by all of a
// group. Which rows there are, and where they are kept, is feature_bank.h's.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "nolabel/augment/view.h"
#include "nolabel/base/next_ahead.h"
#include "nolabel/data/dataset.h"
#include "nolabel/group/message.h"
#include "nolabel/model/model.h"
#include "nolabel/processor/compute_threads.h"
#include "nolabel/workers/shared_images.h"

namespace nolabel {

enum class BankOutput {
  features,    // of the backbone, [N,D]
  embeddings,  // after the projection head, unit length, [N,E]; contrastive models only
};

// D or E of these rows.
int64_t row_width(const Model& model, BankOutput output);

// What every row is made with.
struct RowRecipe {
  BankOutput output = BankOutput::features;
  ViewRecipe views;
  int threads = 1;
};

// Views that pass through the network together. Which ones these are may change the last bits of
// the rows, so that a batch is never divided.
using RowBatch = std::vector<ViewRequest>;

// Computes rows in this process. On a GPU, the views of the next batch are made on another thread
// while the device computes.
class RowMaker {
 public:
  // All must outlive it.
  RowMaker(Model& model, const Dataset& images, const RowRecipe& recipe);
  RowMaker(Model& model, const Dataset& images, const RowRecipe& recipe, bool ahead);

  // [rows of all batches, D or E], fp32 on the CPU. `next`: the batch that the next call begins
  // with, if there is one; its views begin to be made.
  at::Tensor rows(const std::vector<RowBatch>& batches, const std::optional<RowBatch>& next = {});

  // How long the network has waited for views, all calls together.
  double seconds_waited() const { return views_.seconds_waited(); }

 private:
  at::Tensor views(const RowBatch& batch) const;

  Model& model_;
  const Dataset& images_;
  const RowRecipe recipe_;
  NextAhead<RowBatch, at::Tensor> views_;
};

// The same by all processes of a group: each computes every so many-th batch. In the leader.
class DividedRows {
 public:
  // All must outlive it. While it lives, this process has its part of the machine's threads.
  DividedRows(Group& group, Model& model, const Dataset& images, const RowRecipe& recipe);
  // As RowMaker::rows(), with the same bits. What fails here fails in the whole group. Where there
  // are several processes, `next` serves nothing: each has other batches.
  at::Tensor rows(const std::vector<RowBatch>& batches, const std::optional<RowBatch>& next = {});
  // Of this process.
  double seconds_waited() const { return own_.seconds_waited(); }

 private:
  void announce();

  Group& group_;
  Model& model_;
  const Dataset& images_;
  const RowRecipe recipe_;
  const ComputeThreads threads_;
  RowMaker own_;
  bool announced_ = false;  // the model and the images have been sent
};

inline constexpr const char* row_model_subject = "embed";         // with what
inline constexpr const char* row_batches_subject = "embed rows";  // which rows

// In a worker: what DividedRows asks for.
class RowWorker {
 public:
  // `images` must outlive it.
  explicit RowWorker(const SharedImages& images) : images_(images) {}
  void take_model(Group& group, Message& message);
  void make_rows(Group& group, const Message& message);

 private:
  const SharedImages& images_;
  std::optional<Model> model_;
  std::optional<RowMaker> maker_;
};

}  // namespace nolabel

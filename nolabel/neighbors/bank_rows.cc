#include "nolabel/neighbors/bank_rows.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>

#include <algorithm>

#include "nolabel/workers/shared_model.h"

namespace nolabel {
namespace {

int64_t rows_of(const std::vector<RowBatch>& batches) {
  int64_t rows = 0;
  for (const RowBatch& batch : batches) rows += std::ssize(batch);
  return rows;
}

std::vector<RowBatch> batches_of(const Group& group, int rank,
                                 const std::vector<RowBatch>& batches) {
  std::vector<RowBatch> own;
  for (size_t i = rank; i < batches.size(); i += group.size()) own.push_back(batches[i]);
  return own;
}

// The most rows that one process has of these batches.
int64_t most_rows(const Group& group, const std::vector<RowBatch>& batches) {
  int64_t most = 0;
  for (int rank = 0; rank < group.size(); ++rank) {
    most = std::max(most, rows_of(batches_of(group, rank, batches)));
  }
  return most;
}

// [size, most, D]: the rows of every process, those of a smaller share with zeros behind them.
at::Tensor gathered(Group& group, const at::Tensor& own, int64_t most) {
  const at::Tensor padded = at::zeros({most, own.size(1)}, at::kFloat);
  padded.narrow(0, 0, own.size(0)).copy_(own);
  return group.all_gather(padded, group.size() * most).view({group.size(), most, own.size(1)});
}

Message rows_message(const std::vector<RowBatch>& batches) {
  std::vector<int64_t> sizes;
  std::string requests;
  for (const RowBatch& batch : batches) {
    sizes.push_back(std::ssize(batch));
    requests.append(reinterpret_cast<const char*>(batch.data()), batch.size() * sizeof batch[0]);
  }
  return {.subject = row_batches_subject,
          .values = {{"sizes", sizes}},
          .tensors = {tensor_of_text(requests)}};
}

std::vector<RowBatch> batches_in(const Message& message) {
  const std::string requests = text_of(message.tensors[0]);
  const char* next = requests.data();
  std::vector<RowBatch> batches;
  for (const size_t size : message.values.at("sizes").get<std::vector<size_t>>()) {
    RowBatch batch(size);
    std::memcpy(batch.data(), next, size * sizeof batch[0]);
    next += size * sizeof batch[0];
    batches.push_back(std::move(batch));
  }
  return batches;
}

}  // namespace

int64_t row_width(const Model& model, BankOutput output) {
  const ModelSettings& settings = model.settings();
  if (output == BankOutput::features) return model.dimensions();
  NOLABEL_ASSERT(settings.kind == ModelSettings::Kind::contrastive);
  return settings.embedding_dimensions;
}

RowMaker::RowMaker(Model& model, const Dataset& images, const RowRecipe& recipe)
    : RowMaker(model, images, recipe, model.device().is_cuda()) {}

RowMaker::RowMaker(Model& model, const Dataset& images, const RowRecipe& recipe, bool ahead)
    : model_(model),
      images_(images),
      recipe_(recipe),
      views_([this](const RowBatch& batch) { return views(batch); }, ahead) {}

// [rows,3,S,S] channels-last, on the CPU. Only from pinned memory does a GPU copy while the host
// goes on.
at::Tensor RowMaker::views(const RowBatch& batch) const {
  const int64_t size = recipe_.views.size;
  const at::Tensor views =
      at::empty({std::ssize(batch), size, size, 3},
                at::TensorOptions(at::kFloat).pinned_memory(model_.device().is_cuda()));
  make_views(images_, batch, recipe_.views, recipe_.threads, views.mutable_data_ptr<float>());
  for (const ViewRequest& request : batch) images_.passed(request.image);
  return views.permute({0, 3, 1, 2});
}

at::Tensor RowMaker::rows(const std::vector<RowBatch>& batches,
                          const std::optional<RowBatch>& next) {
  const c10::NoGradGuard no_gradient;
  std::vector<at::Tensor> rows;
  for (size_t i = 0; i < batches.size(); ++i) {
    const at::Tensor made =
        views_.take(batches[i], i + 1 < batches.size() ? std::optional(batches[i + 1]) : next);
    at::Tensor output =
        model_.features(made.to(model_.device(), /*non_blocking=*/true), ForwardMode::evaluate);
    if (recipe_.output == BankOutput::embeddings) output = model_.embeddings(output);
    rows.push_back(output.to(at::kFloat).cpu());
  }
  if (rows.empty()) return at::empty({0, row_width(model_, recipe_.output)}, at::kFloat);
  return rows.size() == 1 ? rows[0].contiguous() : at::cat(rows);
}

DividedRows::DividedRows(Group& group, Model& model, const Dataset& images, const RowRecipe& recipe)
    : group_(group),
      model_(model),
      images_(images),
      recipe_({recipe.output, recipe.views, threads_of_each(group, recipe.threads)}),
      threads_(threads_of_each(group, at::get_num_threads())),
      own_(model, images, recipe_) {}

void DividedRows::announce() {
  if (announced_ || group_.size() == 1) return;
  announced_ = true;
  share_images(group_, images_);
  Message message{.subject = row_model_subject,
                  .values = {{"images", images_.fingerprint()}},
                  .tensors = {tensor_of_value(recipe_)}};
  describe_model(model_, message);
  broadcast(group_, message);
}

at::Tensor DividedRows::rows(const std::vector<RowBatch>& batches,
                             const std::optional<RowBatch>& next) {
  if (group_.size() == 1) return own_.rows(batches, next);
  announce();
  Message message = rows_message(batches);
  broadcast(group_, message);
  at::Tensor own;
  try {
    own = own_.rows(batches_of(group_, 0, batches));
  } catch (const std::exception& exception) {
    throw group_.fail(as_error(exception));  // the workers wait for rows that do not come
  }
  const at::Tensor all = gathered(group_, own, most_rows(group_, batches));
  std::vector<at::Tensor> in_order;
  std::vector<int64_t> taken(group_.size(), 0);
  for (size_t i = 0; i < batches.size(); ++i) {
    const auto rank = static_cast<int64_t>(i) % group_.size();
    in_order.push_back(all[rank].narrow(0, taken[rank], std::ssize(batches[i])));
    taken[rank] += std::ssize(batches[i]);
  }
  return at::cat(in_order);
}

void RowWorker::take_model(Group& group, Message& message) {
  maker_.reset();
  model_ = model_of(group, message, std::move(model_));
  auto recipe = value_of<RowRecipe>(message.tensors[0]);
  maker_.emplace(*model_, images_.named(message.values.at("images")), recipe);
}

void RowWorker::make_rows(Group& group, const Message& message) {
  NOLABEL_ASSERT(maker_.has_value());
  const std::vector<RowBatch> batches = batches_in(message);
  gathered(group, maker_->rows(batches_of(group, group.rank(), batches)),
           most_rows(group, batches));
}

}  // namespace nolabel

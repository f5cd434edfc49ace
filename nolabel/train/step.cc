#include "nolabel/train/step.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include "nolabel/base/error.h"
#include "nolabel/base/format.h"

namespace nolabel {

std::unique_ptr<Recording> recording_of_steps(const Model& model, const TrainSettings& settings,
                                              const Group& group) {
  if (!settings.cuda_graph || group.size() > 1 || model.settings().program) return nullptr;
  return make_recording(model.device());
}

TrainingStep::TrainingStep(Task& task, Model& model, const TrainSettings& settings,
                           std::shared_ptr<Group> group, std::unique_ptr<Recording> recording)
    : task_(task),
      model_(model),
      settings_(settings),
      group_(std::move(group)),
      recording_(std::move(recording)),
      inputs_(task, *group_, model.device(), settings.micro_batch_size, model.device().is_cuda(),
              /*same_memory=*/recording_ != nullptr),
      loss_scale_(model.precision() == Precision::fp16, model.device()) {
  if (settings.sync_batch_norm) model.join(group_);
  Tensors masters;
  for (size_t i = 0; i < model.leaves().size(); ++i) {
    if (!model.leaves()[i].requires_grad()) continue;
    leaves_.push_back(model.leaves()[i]);
    masters.push_back(model.parameters()[i].tensor.detach());
  }
  if (group_->size() > 1) {
    buckets_ = std::make_unique<GradientBuckets>(group_, leaves_, masters);
    gradients_ = buckets_->gradients();
  } else {
    for (const at::Tensor& master : masters) gradients_.push_back(at::zeros_like(master));
  }
  optimizer_ = std::make_unique<Optimizer>(settings.optimizer, masters);
  if (settings.use_ema) {
    ema_ = std::make_unique<Ema>(model, settings.ema_alpha, settings.ema_mode);
  }
}

LossValues TrainingStep::run(const SampleRange& batch, double learning_rate,
                             const std::optional<SampleRange>& next) {
  passes_ = inputs_.of(batch, next);
  optimizer_->set_learning_rate(learning_rate);
  if (recording_) {
    run_recorded();
  } else {
    compute();
  }
  passes_.clear();
  return loss_;
}

void TrainingStep::run_recorded() {
  if (steps_before_recording_ > 0) {
    --steps_before_recording_;
    recording_->rehearse([this] { compute(); });
    return;
  }
  if (!recorded_) {
    try {
      recording_->record([this] { compute(); });
    } catch (const Error&) {
      throw;
    } catch (const std::exception& exception) {
      fail_system("{}. The same command with --cuda-graph false trains without a recording",
                  means_no_memory(exception) ? "out of memory while a training step was recorded"
                                             : format("the GPU cannot record a training step ({})",
                                                      as_error(exception).what()));
    }
    recorded_ = true;
  }
  recording_->repeat();
}

// Everything of a step that the device computes. Reads passes_, writes loss_.
void TrainingStep::compute() {
  loss_ = passes_.size() > 1 ? backward_in_passes(passes_) : backward_whole(passes_[0]);
  loss_.total = loss_.total.detach();

  const c10::NoGradGuard no_grad;
  collect_gradients();
  at::Tensor skip = loss_.total.isfinite().logical_not();
  if (loss_.trains_nothing.defined()) skip = skip.logical_or(loss_.trains_nothing);
  skip = skip.to(at::kFloat);
  loss_scale_.unscale(gradients_, skip);
  optimizer_->step(gradients_, skip);
  if (ema_) ema_->update(skip);
  model_.refresh_trained_weights();
}

// Of all samples of the pass. Gradients flow to those of this process alone, so that what all
// processes compute of the whole loss is added up.
TrainingStep::Tensors TrainingStep::outputs(const BatchInputs::Pass& pass, bool update_statistics) {
  Tensors whole;
  for (const at::Tensor& share : task_.outputs(model_, pass.inputs, update_statistics)) {
    whole.push_back(group_->all_gather(share, pass.size));
  }
  return whole;
}

LossValues TrainingStep::backward_whole(const BatchInputs::Pass& batch) {
  LossValues loss = task_.loss(outputs(batch, true));
  before_last_pass();
  loss_scale_.scaled(loss.total).backward();
  return loss;
}

// Two passes: the first, without a graph, gathers every output of the batch; the loss over all of
// them gives the gradient of each output, which the second pass sends back through the network
// (Gao et al. 2021, "Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup").
LossValues TrainingStep::backward_in_passes(const std::vector<BatchInputs::Pass>& passes) {
  std::vector<Tensors> gathered;  // by output, then by pass
  for (const BatchInputs::Pass& pass : passes) {
    const c10::NoGradGuard no_grad;
    Tensors pieces = outputs(pass, false);
    gathered.resize(pieces.size());
    for (size_t i = 0; i < pieces.size(); ++i) gathered[i].push_back(std::move(pieces[i]));
  }

  Tensors whole;
  for (const Tensors& pieces : gathered) whole.push_back(at::cat(pieces).requires_grad_());
  LossValues loss = task_.loss(whole);
  loss_scale_.scaled(loss.total).backward();

  for (const BatchInputs::Pass& pass : passes) {
    const Tensors pieces = outputs(pass, true);
    Tensors differentiable, output_gradients;
    for (size_t i = 0; i < pieces.size(); ++i) {
      if (!pieces[i].requires_grad() || !whole[i].grad().defined()) continue;
      differentiable.push_back(pieces[i]);
      output_gradients.push_back(whole[i].grad().narrow(0, pass.begin, pass.size));
    }
    // The sum of <output, gradient> has the wanted gradient in every parameter.
    at::Tensor product = at::zeros({}, loss.total.options().requires_grad(false));
    for (size_t i = 0; i < differentiable.size(); ++i) {
      product = product + (differentiable[i] * output_gradients[i]).sum();
    }
    if (&pass == &passes.back()) before_last_pass();
    if (product.requires_grad()) product.backward();
  }
  return loss;
}

void TrainingStep::before_last_pass() {
  if (buckets_) buckets_->expect_last_pass();
}

void TrainingStep::collect_gradients() {
  if (buckets_) {
    buckets_->finish();
    return;
  }
  for (size_t i = 0; i < leaves_.size(); ++i) {
    at::Tensor& gradient = leaves_[i].mutable_grad();
    if (!gradient.defined()) {
      gradients_[i].zero_();
    } else if (gradient.dtype() == gradients_[i].dtype() &&
               gradient.strides() == gradients_[i].strides()) {
      gradients_[i] = gradient;
    } else {
      gradients_[i] = at::empty_like(gradients_[i]).copy_(gradient);
    }
    gradient.reset();
  }
}

Value TrainingStep::extra_state() const {
  ValueList ema, scale;
  if (ema_) {
    for (const at::Tensor& tensor : ema_->state()) ema.emplace_back(tensor);
  }
  for (const at::Tensor& tensor : loss_scale_.state()) scale.emplace_back(tensor);
  return Value::dict({{std::string("ema"), Value::list(std::move(ema))},
                      {std::string("loss_scale"), Value::list(std::move(scale))}});
}

void TrainingStep::load_extra_state(const Value& state) {
  const auto tensors = [&state](const char* key) {
    Tensors result;
    const Value* list = state.find(key);
    if (!list || !std::holds_alternative<std::shared_ptr<ValueList>>(list->data)) {
      fail_data("the checkpoint must hold a list '{}'. It does not.", key);
    }
    for (const Value& item : *std::get<std::shared_ptr<ValueList>>(list->data)) {
      const auto* tensor = std::get_if<at::Tensor>(&item.data);
      if (!tensor) fail_data("the checkpoint's '{}' must hold tensors. It does not.", key);
      result.push_back(*tensor);
    }
    return result;
  };
  if (ema_) ema_->load_state(tensors("ema"));
  loss_scale_.load_state(tensors("loss_scale"));
}

void TrainingStep::restart_average() {
  if (ema_) ema_->restart();
}

}  // namespace nolabel

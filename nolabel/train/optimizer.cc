#include "nolabel/train/optimizer.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include "nolabel/base/error.h"

namespace nolabel {

Optimizer::Optimizer(const OptimizerSettings& settings, std::vector<at::Tensor> parameters)
    : settings_(settings), parameters_(std::move(parameters)) {
  if (parameters_.empty()) return;
  // On a GPU the fused kernels read a float, also for parameters in fp64.
  const at::Device device = parameters_[0].device();
  learning_rate_ =
      at::zeros({}, at::device(device).dtype(device.is_cuda() ? at::kFloat : at::kDouble));
  set_learning_rate(settings_.learning_rate);
  for (const at::Tensor& parameter : parameters_) {
    // A momentum buffer of zeros gives PyTorch's first step: momentum * 0 + gradient.
    first_moments_.push_back(at::zeros_like(parameter));
    if (settings_.kind == OptimizerKind::sgd) continue;
    second_moments_.push_back(at::zeros_like(parameter));
    steps_.push_back(at::zeros({}, parameter.options().dtype(at::kFloat)));
  }
}

void Optimizer::set_learning_rate(double rate) {
  if (!parameters_.empty()) learning_rate_.fill_(rate);
}

void Optimizer::step(const std::vector<at::Tensor>& gradients, const at::Tensor& skip) {
  NOLABEL_ASSERT(gradients.size() == parameters_.size());
  if (parameters_.empty()) return;
  const c10::NoGradGuard no_grad;
  if (settings_.kind == OptimizerKind::sgd) {
    // Without momentum the operator wants no buffers.
    const at::TensorList buffers =
        settings_.momentum > 0 ? at::TensorList(first_moments_) : at::TensorList();
    at::_fused_sgd_(parameters_, gradients, buffers, settings_.weight_decay, settings_.momentum,
                    learning_rate_, /*dampening=*/0, settings_.nesterov,
                    /*maximize=*/false, /*is_first_step=*/false, /*grad_scale=*/std::nullopt, skip);
    return;
  }
  at::_foreach_add_(steps_, at::rsub(skip, 1));
  const auto update = [&](auto fused) {
    fused(parameters_, gradients, first_moments_, second_moments_, at::TensorList(), steps_,
          learning_rate_, settings_.beta1, settings_.beta2, settings_.weight_decay,
          settings_.epsilon, /*amsgrad=*/false, /*maximize=*/false, /*grad_scale=*/std::nullopt,
          skip);
  };
  if (settings_.kind == OptimizerKind::adam) {
    update([](auto&&... arguments) { at::_fused_adam_(arguments...); });
  } else {
    update([](auto&&... arguments) { at::_fused_adamw_(arguments...); });
  }
}

namespace {

Value group_of(const OptimizerSettings& settings, size_t parameters) {
  ValueList indices;
  for (size_t i = 0; i < parameters; ++i) indices.emplace_back(static_cast<int64_t>(i));
  ValueDict group{{std::string("lr"), settings.learning_rate},
                  {std::string("weight_decay"), settings.weight_decay},
                  {std::string("maximize"), false},
                  {std::string("foreach"), Value()},
                  {std::string("differentiable"), false}};
  if (settings.kind == OptimizerKind::sgd) {
    group.emplace_back(std::string("momentum"), settings.momentum);
    group.emplace_back(std::string("dampening"), 0.0);
    group.emplace_back(std::string("nesterov"), settings.nesterov);
  } else {
    group.emplace_back(std::string("betas"), Value::list({settings.beta1, settings.beta2}));
    group.emplace_back(std::string("eps"), settings.epsilon);
    group.emplace_back(std::string("amsgrad"), false);
    group.emplace_back(std::string("capturable"), false);
    group.emplace_back(std::string("decoupled_weight_decay"),
                       settings.kind == OptimizerKind::adamw);
  }
  group.emplace_back(std::string("params"), Value::list(std::move(indices)));
  return Value::list({Value::dict(std::move(group))});
}

const Value& required_entry(const Value& value, const char* key) {
  const Value* found = value.find(key);
  if (!found) fail_data("the optimizer state must have '{}'. It has not.", key);
  return *found;
}

void copy_into(at::Tensor& target, const Value& value, const char* key) {
  const auto* source = std::get_if<at::Tensor>(&value.data);
  if (!source || source->sizes() != target.sizes()) {
    fail_data("the optimizer state's '{}' must fit the model's parameters. It has another shape.",
              key);
  }
  target.copy_(*source);
}

}  // namespace

Value Optimizer::state() const {
  ValueDict states;
  for (size_t i = 0; i < parameters_.size(); ++i) {
    ValueDict state;
    if (settings_.kind == OptimizerKind::sgd) {
      state.emplace_back(std::string("momentum_buffer"), first_moments_[i]);
    } else {
      state.emplace_back(std::string("step"), steps_[i]);
      state.emplace_back(std::string("exp_avg"), first_moments_[i]);
      state.emplace_back(std::string("exp_avg_sq"), second_moments_[i]);
    }
    states.emplace_back(static_cast<int64_t>(i), Value::dict(std::move(state)));
  }
  return Value::dict({{std::string("state"), Value::dict(std::move(states))},
                      {std::string("param_groups"), group_of(settings_, parameters_.size())}});
}

void Optimizer::load_parameter_state(size_t i, const Value& state) {
  if (settings_.kind == OptimizerKind::sgd) {
    const Value& buffer = required_entry(state, "momentum_buffer");
    // PyTorch stores None before the first step.
    if (std::holds_alternative<std::monostate>(buffer.data)) return;
    copy_into(first_moments_[i], buffer, "momentum_buffer");
    return;
  }
  copy_into(first_moments_[i], required_entry(state, "exp_avg"), "exp_avg");
  copy_into(second_moments_[i], required_entry(state, "exp_avg_sq"), "exp_avg_sq");
  const Value& step = required_entry(state, "step");
  if (const auto* tensor = std::get_if<at::Tensor>(&step.data)) {
    steps_[i].copy_(tensor->reshape({}));
  } else if (const auto* number = std::get_if<int64_t>(&step.data)) {
    steps_[i].fill_(static_cast<double>(*number));
  } else {
    fail_data("the optimizer state's 'step' must be a number. It is not.");
  }
}

void Optimizer::load_state(const Value& value) {
  const c10::NoGradGuard no_grad;
  const auto* groups =
      std::get_if<std::shared_ptr<ValueList>>(&required_entry(value, "param_groups").data);
  const auto* states =
      std::get_if<std::shared_ptr<ValueDict>>(&required_entry(value, "state").data);
  if (!groups || !states)
    fail_data("the optimizer state must be PyTorch's state_dict(). It is not.");
  // Parameters are numbered by their order in the groups, whatever the numbers are (PyTorch 1.4
  // used memory addresses).
  size_t i = 0;
  for (const Value& group : **groups) {
    const auto* keys =
        std::get_if<std::shared_ptr<ValueList>>(&required_entry(group, "params").data);
    if (!keys) fail_data("the optimizer state's 'params' must be a list. It is not.");
    for (const Value& key : **keys) {
      if (i == parameters_.size()) break;
      for (const auto& [number, state] : **states) {
        if (number.data.index() == key.data.index() && std::get_if<int64_t>(&number.data) &&
            std::get<int64_t>(number.data) == std::get<int64_t>(key.data)) {
          load_parameter_state(i, state);
        }
      }
      ++i;
    }
    if (i != parameters_.size() || (**keys).size() != parameters_.size()) {
      fail_data("the optimizer state must belong to {} parameters. It holds {}.",
                parameters_.size(), (**keys).size());
    }
  }
}

void declare(Schema& schema, OptimizerSettings& settings) {
  schema.add(
      "optimizer", &settings.kind,
      {{"sgd", OptimizerKind::sgd}, {"adam", OptimizerKind::adam}, {"adamw", OptimizerKind::adamw}},
      "optimizer");
  const auto group = schema.group("optimizer_kwargs");
  schema.add("lr", &settings.learning_rate, {.low = 0}, "learning rate");
  schema.add("weight_decay", &settings.weight_decay, {.low = 0},
             "L2 penalty on every parameter (adamw: decoupled)");
  schema.add("momentum", &settings.momentum, {.low = 0, .high = 1}, "momentum of sgd");
  schema.add("nesterov", &settings.nesterov, "Nesterov momentum for sgd");
  schema.rule("nesterov", [&settings] {
    if (settings.nesterov && settings.kind == OptimizerKind::sgd && settings.momentum == 0) {
      fail_usage("nesterov needs a momentum above 0. Received 0.");
    }
  });
}

}  // namespace nolabel

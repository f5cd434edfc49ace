#include "nolabel/train/epoch_log.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "nolabel/base/error.h"

namespace nolabel {

void EpochLog::add(const LossValues& loss) {
  const c10::NoGradGuard no_grad;
  const at::TensorOptions options = loss.total.options().requires_grad(false);
  if (!sums_.defined()) {
    sums_ = at::zeros({static_cast<int64_t>(loss.parts.size())}, options.dtype(at::kDouble));
    counts_ = at::zeros_like(sums_, options.dtype(at::kLong));
    not_trained_ = at::zeros({}, options.dtype(at::kLong));
    not_finite_ = not_trained_.clone();
    for (const auto& [name, value] : loss.parts) names_.push_back(name);
  }
  if (loss.cluster_counts.defined() && !cluster_counts_.defined()) {
    cluster_counts_ = at::zeros(loss.cluster_counts.sizes(), options.dtype(at::kLong));
  }
  move_to(loss.total.device());
  std::vector<at::Tensor> values;
  for (const auto& [name, value] : loss.parts) values.push_back(value.detach().to(at::kDouble));
  const at::Tensor step = at::stack(values);
  const at::Tensor known = step.isnan().logical_not();
  sums_ += at::where(known, step, at::zeros_like(step));
  counts_ += known;
  not_finite_ += loss.total.isfinite().logical_not();
  if (loss.trains_nothing.defined()) not_trained_ += loss.trains_nothing;
  if (loss.cluster_counts.defined()) cluster_counts_ += loss.cluster_counts;
}

// Sums that were read from a checkpoint are on the CPU.
void EpochLog::move_to(at::Device device) {
  for (at::Tensor* sum : {&sums_, &counts_, &not_trained_, &not_finite_, &cluster_counts_}) {
    if (sum->defined() && sum->device() != device) *sum = sum->to(device);
  }
}

bool EpochLog::finite() const {
  return !sums_.defined() || not_finite_.item<int64_t>() == 0;
}

int64_t EpochLog::batches_without_training() const {
  return sums_.defined() ? not_trained_.item<int64_t>() : 0;
}

std::vector<int64_t> EpochLog::unused_clusters() const {
  if (!cluster_counts_.defined()) return {};
  const at::Tensor unused = cluster_counts_.eq(0).sum(1).cpu();
  return {unused.const_data_ptr<int64_t>(), unused.const_data_ptr<int64_t>() + unused.numel()};
}

nlohmann::json EpochLog::means() const {
  nlohmann::json means = nlohmann::json::object();
  if (!sums_.defined()) return means;
  const at::Tensor sums = sums_.cpu(), counts = counts_.cpu();
  for (size_t i = 0; i < names_.size(); ++i) {
    const int64_t count = counts.const_data_ptr<int64_t>()[i];
    const double sum = sums.const_data_ptr<double>()[i];
    means[names_[i]] =
        count > 0 ? nlohmann::json(sum / static_cast<double>(count)) : nlohmann::json();
  }
  if (const std::vector<int64_t> unused = unused_clusters(); !unused.empty()) {
    means["clusters_used"] =
        cluster_counts_.size(1) - *std::max_element(unused.begin(), unused.end());
  }
  return means;
}

at::Tensor count_clusters(const at::Tensor& logits) {
  const at::Tensor clusters = at::arange(logits.size(2), logits.options().dtype(at::kLong));
  return logits.argmax(2, /*keepdim=*/true).eq(clusters).sum(0);
}

Value EpochLog::state() const {
  if (!sums_.defined()) return Value();
  ValueList names;
  for (const std::string& name : names_) names.emplace_back(name);
  ValueDict state{{std::string("names"), Value::list(std::move(names))},
                  {std::string("sums"), sums_},
                  {std::string("counts"), counts_},
                  {std::string("not_trained"), not_trained_},
                  {std::string("not_finite"), not_finite_}};
  if (cluster_counts_.defined()) state.emplace_back(std::string("cluster_counts"), cluster_counts_);
  return Value::dict(std::move(state));
}

void EpochLog::load_state(const Value& state) {
  *this = EpochLog();
  if (std::holds_alternative<std::monostate>(state.data)) return;
  const auto tensor = [&state](const char* key) {
    const Value* value = state.find(key);
    if (!value || !std::holds_alternative<at::Tensor>(value->data)) {
      fail_data("the checkpoint's epoch log must hold '{}'. It does not.", key);
    }
    return std::get<at::Tensor>(value->data).clone();  // add() writes to it
  };
  sums_ = tensor("sums");
  counts_ = tensor("counts");
  not_trained_ = tensor("not_trained");
  not_finite_ = tensor("not_finite");
  if (state.find("cluster_counts")) cluster_counts_ = tensor("cluster_counts");
  const Value* names = state.find("names");
  if (!names || !std::holds_alternative<std::shared_ptr<ValueList>>(names->data)) {
    fail_data("the checkpoint's epoch log must hold '{}'. It does not.", "names");
  }
  for (const Value& name : *std::get<std::shared_ptr<ValueList>>(names->data)) {
    names_.push_back(std::get<std::string>(name.data));
  }
}

}  // namespace nolabel

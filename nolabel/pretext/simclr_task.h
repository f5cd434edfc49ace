// The pretext step: SimCLR on two random views of every image.
#pragma once

#include <filesystem>
#include <functional>

#include "nolabel/config/schema.h"
#include "nolabel/train/input_source.h"
#include "nolabel/train/task.h"

namespace nolabel {

struct SimclrSettings {
  double temperature = 0.1;
  bool symmetric = false;  // both views as anchors, as in the SimCLR paper
};

// criterion_kwargs.temperature and criterion_kwargs.symmetric.
void declare(Schema& schema, SimclrSettings& settings);

class SimclrTask : public Task {
 public:
  // `views` gives random views of the training images. `monitor` is called after each epoch for
  // figures to log (the kNN accuracy); it may be empty. It never decides anything.
  using Monitor = std::function<nlohmann::json(Model& model, int epoch)>;
  SimclrTask(const SimclrSettings& settings, std::unique_ptr<InputSource> views, Monitor monitor);

  std::string name() const override { return "simclr"; }
  int64_t samples() const override { return views_->size(); }
  void choose_parameters(Model& model) const override;
  // One tensor [2b,3,S,S], the two views of an image next to each other.
  std::vector<at::Tensor> inputs(const SampleRange& range) const override;
  // Embeddings [b,2,E].
  std::vector<at::Tensor> outputs(Model& model, const std::vector<at::Tensor>& inputs,
                                  bool update_statistics) const override;
  LossValues loss(const std::vector<at::Tensor>& outputs) const override;
  nlohmann::json validate(Model& model, int epoch) override;
  void save() override {}  // every epoch is better: the last checkpoint is the model
  Value state() const override { return Value::dict({}); }
  void load_state(const Value& state) override {}
  void describe(Group& group, Message& message) const override;

 private:
  SimclrSettings settings_;
  std::unique_ptr<InputSource> views_;
  Monitor monitor_;
};

}  // namespace nolabel

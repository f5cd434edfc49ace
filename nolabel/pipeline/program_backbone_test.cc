// How the pipeline loads and remembers a backbone that is a program.
#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/hash.h"
#include "nolabel/model/model_testing.h"
#include "nolabel/model/program_testing.h"
#include "nolabel/pipeline/backbone.h"
#include "nolabel/pipeline/recipe_identity.h"
#include "nolabel/pipeline/run_subject.h"
#include "nolabel/pipeline/trained_model.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing_programs::write_program;

class ProgramBackbones : public testing::Test {
 protected:
  void SetUp() override {
    write_program(file);
    environment.run_programs = true;
  }

  Backbone opened() const { return load_backbone(file.string(), 16, program_access(environment)); }

  template <class Work>
  void expect_fault(Fault fault, const std::string& message, const Work& work) const {
    try {
      work();
      ADD_FAILURE() << message;
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), fault) << error.what();
      EXPECT_THAT(error.what(), HasSubstr(message));
    }
  }

  const TemporaryDirectory directory;
  const fs::path file = directory.path() / "net.pt";
  Environment environment;
};

TEST_F(ProgramBackbones, AreRefusedWithoutConsentAndForTraining) {
  expect_fault(Fault::usage, "Add --run-program", [&] { load_backbone(file.string()); });
  expect_fault(Fault::usage, "which is never trained",
               [&] { load_backbone(file.string(), 0, {.use = ProgramAccess::Use::never}); });
}

// As Python's torch.jit.save(torch.jit.script(resnet)) has it: the weights of a network that
// nolabel knows, and code.
TEST_F(ProgramBackbones, WithWeightsThatNolabelKnowsAreReadAsData) {
  const Model known({.backbone = testing_models::slim_backbone()}, 1);
  torch::jit::Module root("__torch__.Net");
  for (const NamedTensor& entry : known.state_dict()) {
    if (!entry.name.starts_with("backbone.")) continue;
    torch::jit::Module place = root;
    std::string rest = entry.name, type = "__torch__.Net";
    for (size_t dot = rest.find('.'); dot != rest.npos; dot = rest.find('.')) {
      const std::string part = rest.substr(0, dot);
      type += "_" + part;
      if (!place.hasattr(part)) place.register_module(part, torch::jit::Module(type));
      place = place.attr(part).toModule();
      rest.erase(0, dot + 1);
    }
    place.register_buffer(rest, entry.tensor.clone());
  }
  root.define("def forward(self, x):\n    return x.mean([2, 3])\n");
  root.save(file.string());
  ASSERT_TRUE(is_program_file(file));
  const Backbone data = load_backbone(file.string(), 32);
  EXPECT_EQ(data.network, testing_models::slim_backbone());
  EXPECT_EQ(data.program, nullptr);
  const Backbone run = opened();  // asked for: the code counts
  EXPECT_EQ(run.network.dimensions(), 3);
  EXPECT_NE(backbone_hash(run), backbone_hash(data));
  // A run that has read the weights goes on so, also where programs may run.
  const RunState state;
  EXPECT_EQ(load_backbone_of_run(file.string(), 32, false, state, program_access(environment),
                                 environment)
                .program,
            nullptr);
}

TEST_F(ProgramBackbones, FeaturesAreKeyedByTheProgramsBytes) {
  const Backbone first = opened();
  write_program(file, "def forward(self, x):\n    return x.flatten(1)[:, :5]\n");
  const Backbone second = opened();
  EXPECT_EQ(first.network.dimensions(), second.network.dimensions());
  EXPECT_NE(backbone_hash(first), backbone_hash(second));
  EXPECT_NE(backbone_identity(contrastive_model(first, 0)),
            backbone_identity(contrastive_model(second, 0)));
}

TEST_F(ProgramBackbones, AreKnownAgainWithoutBeingRun) {
  const Backbone before = opened();
  const KnownProgram known = before.program->known();
  const Backbone after = load_backbone(file.string(), 16, {}, known);
  EXPECT_EQ(after.network, before.network);
  EXPECT_EQ(backbone_hash(after), backbone_hash(before));
  Model model = clustering_model(after, 3, 1, 0);
  expect_fault(Fault::usage, "Add --run-program", [&] {
    model.features(at::zeros({1, 3, 16, 16}), ForwardMode::evaluate);
  });
  write_program(file, "def forward(self, x):\n    return x.mean([2, 3])\n");
  expect_fault(Fault::usage, file_hash(file), [&] { load_backbone(file.string(), 16, {}, known); });
}

TEST_F(ProgramBackbones, AModelIsItsHeadsAndAReference) {
  const Backbone backbone = opened();
  const Model model = clustering_model(backbone, 3, 1, 7);
  const fs::path place = directory.path() / "model.pth.tar";
  write_backbone_metadata(place, backbone);
  write_torch_file(place, Value::dict({{std::string("model"), to_value(model.state_dict())},
                                       {std::string("head"), int64_t{0}}}));
  TrainedModel trained = load_trained_model(place, "final", 0, environment);
  const at::Tensor views = testing_models::rough({2, 3, 16, 16}, 0.5).to(at::kFloat);
  Model again = clustering_model(backbone, 3, 1, 7);
  EXPECT_TRUE(
      at::equal(trained.model.logits(trained.model.features(views, ForwardMode::evaluate), 0),
                again.logits(again.features(views, ForwardMode::evaluate), 0)));
  environment.run_programs = false;
  EXPECT_NO_THROW(load_trained_model(place, "final", 0, environment));
  expect_fault(Fault::usage, "Add --run-program",
               [&] { load_image_model(place, "final", 0, environment); });
  write_file(fs::path(place) += ".backbone.json", R"({"architecture": "torchscript"})");
  expect_fault(Fault::data, "program, sha256 and width must be stated",
               [&] { load_trained_model(place, "final", 0, environment); });
}

TEST_F(ProgramBackbones, StandInRunJson) {
  RunState state;
  state.backbone.name = file.string();
  state.backbone.program = KnownProgram{std::string(64, 'a'), 5};
  const nlohmann::json json = to_json(state);
  EXPECT_EQ(json.at("backbone_program").at("width"), 5);
  EXPECT_EQ(run_state_from_json(json, "run.json").backbone.program, state.backbone.program);
  nlohmann::json wrong = json;
  wrong["backbone_program"] = "yes";
  expect_fault(Fault::data, "backbone_program", [&] { run_state_from_json(wrong, "run.json"); });
}

}  // namespace
}  // namespace nolabel

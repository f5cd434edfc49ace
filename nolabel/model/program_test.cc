#include "nolabel/model/program.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/hash.h"
#include "nolabel/base/path_text.h"
#include "nolabel/model/model.h"
#include "nolabel/model/model_testing.h"
#include "nolabel/model/program_testing.h"
#include "nolabel/model/recognise.h"
#include "nolabel/weights/weights_file.h"
#include "nolabel/weights/zip.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using namespace testing_programs;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Program : public testing::Test {
 protected:
  BackboneProgram opened() const { return {file, 16, allowed}; }

  // That a program with these methods is refused as a backbone, in one line.
  void expect_refused(const std::string& methods, const std::string& message,
                      Fault fault = Fault::data) {
    write_program(file, methods);
    expect_error(message, fault);
  }
  void expect_error(const std::string& message, Fault fault) const {
    try {
      opened();
      ADD_FAILURE() << message;
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), fault) << error.what();
      EXPECT_TRUE(is_utf8(error.what())) << error.what();
      EXPECT_THAT(error.what(),
                  AllOf(StartsWith(file.string()), HasSubstr(message), Not(HasSubstr("\n"))));
    }
  }

  const TemporaryDirectory directory;
  const fs::path file = directory.path() / "net.pt";
  const ProgramAccess allowed{.use = ProgramAccess::Use::allowed};
  const at::Tensor views = testing_models::rough({4, 3, 16, 16}, 0.5).to(at::kFloat);
};

TEST_F(Program, GivesTheFeaturesOfItsCode) {
  write_program(file);
  const BackboneProgram program = opened();
  EXPECT_EQ(program.known(), (KnownProgram{file_hash(file), 5}));
  EXPECT_TRUE(at::allclose(program.features(views), features_of(views), 1e-5, 1e-6));
}

TEST_F(Program, AveragesMaps) {
  write_program(file, "def forward(self, x):\n    return x[:, :2] * 2\n");
  const BackboneProgram program = opened();
  EXPECT_EQ(program.known().dimensions, 2);
  EXPECT_TRUE(at::allclose(program.features(views), views.slice(1, 0, 2).mean({2, 3}) * 2));
}

TEST_F(Program, GivesTheSameBitsAtEveryCall) {
  write_program(file,
                "def forward(self, x):\n"
                "    y = torch.relu(x * 1.7 + 0.3).sigmoid() * x.tanh() - x.exp() * 0.1\n"
                "    return (y * y.cos() + y.sin()).mean([2, 3])\n");
  const BackboneProgram program = opened();
  const at::Tensor first = program.features(views);
  for (int call = 0; call < 5; ++call) {
    EXPECT_TRUE(at::equal(program.features(views), first)) << call;
    program.features(views.slice(0, 0, 1 + call % 3));  // other sizes specialise nothing
  }
}

TEST_F(Program, RunsInItsOwnTypeWhateverThePrecision) {
  write_program(file);
  const auto program = std::make_shared<const BackboneProgram>(file, 16, allowed);
  Model model({.kind = ModelSettings::Kind::clustering,
               .backbone = program_description(program->known()),
               .program = program},
              0);
  const at::Tensor expected = program->features(views);
  for (const Precision precision : {Precision::fp32, Precision::bf16, Precision::fp64}) {
    model.place(at::kCPU, precision);
    EXPECT_TRUE(at::equal(model.features(views, ForwardMode::evaluate), expected));
  }
  write_program(file, features, at::kBFloat16);
  EXPECT_NE(file_hash(file), program->known().sha256);
  const BackboneProgram rounded = opened();
  EXPECT_EQ(rounded.features(views).scalar_type(), at::kFloat);
  EXPECT_TRUE(at::allclose(rounded.features(views), expected, 0.05, 0.05));
}

TEST_F(Program, IsAModelOfHeadsAlone) {
  write_program(file);
  const auto program = std::make_shared<const BackboneProgram>(file, 16, allowed);
  const BackboneDescription network = program_description(program->known());
  EXPECT_TRUE(network.is_program());
  EXPECT_EQ(known_program(network), program->known());
  EXPECT_EQ(describe(network), "TorchScript program (5 features)");
  const Model model(
      {.kind = ModelSettings::Kind::clustering, .backbone = network, .program = program}, 0);
  EXPECT_EQ(model.dimensions(), 5);
  std::vector<std::string> names;
  for (const NamedTensor& entry : model.state_dict()) names.push_back(entry.name);
  EXPECT_THAT(names, testing::ElementsAre("cluster_head.0.weight", "cluster_head.0.bias"));
}

TEST_F(Program, IsInEvaluationMode) {
  write_program(file,
                "def forward(self, x):\n"
                "    return torch.dropout(x.mean([2, 3]), 0.5, self.is_training())\n"
                "def is_training(self) -> bool:\n"
                "    return False\n");
  EXPECT_NO_THROW(opened());
  torch::jit::Module module("Net");
  module.register_attribute("training", c10::BoolType::get(), true);
  module.define(
      "def forward(self, x):\n    return torch.dropout(x.mean([2, 3]), 0.5, self.training)\n");
  module.save(file.string());
  EXPECT_TRUE(at::equal(opened().features(views), views.mean({2, 3})));
}

TEST_F(Program, RunsOnlyWithConsent) {
  write_program(file);
  const BackboneProgram refused(file, {file_hash(file), 5}, {});
  EXPECT_NO_THROW(refused.require_content());
  for (const auto& use : {std::function<void()>([&] { refused.features(views); }),
                          std::function<void()>([&] { refused.require_runnable(); }),
                          std::function<void()>([&] { BackboneProgram(file, 16, {}); })}) {
    try {
      use();
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::usage);
      EXPECT_EQ(error.what(),
                file.string() +
                    " is a program (TorchScript), and nolabel runs no code from files unless you "
                    "ask for it. Add --run-program if you trust where the file comes from.");
    }
  }
}

TEST_F(Program, IsTheOneThatIsKnown) {
  write_program(file);
  const BackboneProgram known(file, {file_hash(file), 5}, allowed);
  EXPECT_EQ(known.features(views).size(1), 5);
  const std::string before = file_hash(file);
  write_program(file, "def forward(self, x):\n    return x.mean([2, 3])\n");
  for (const bool is_run : {true, false}) {
    const BackboneProgram changed(file, {before, 5}, allowed);
    try {
      is_run ? void(changed.features(views)) : changed.require_runnable();
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::usage);
      EXPECT_THAT(error.what(), AllOf(HasSubstr(before), HasSubstr(file_hash(file))));
    }
  }
  const BackboneProgram narrower(file, {file_hash(file), 5}, allowed);
  EXPECT_THROW(narrower.features(views), Error);
  fs::remove(file);
  EXPECT_THROW(known.require_content(), Error);
  expect_error("does not exist", Fault::usage);
}

TEST_F(Program, WhatIsNoFeaturesIsRefusedInOneLine) {
  expect_refused("def forward(self, x):\n    return (x, x)\n",
                 "must turn views [2,3,16,16] into features [2,D] or maps [2,D,h,w]. It returns a "
                 "tuple. Wrap the network so that it returns its features alone.");
  expect_refused("def forward(self, x):\n    return {\"features\": x}\n", "It returns a dict.");
  expect_refused("def forward(self, x):\n    return [x]\n", "It returns a list.");
  expect_refused("def forward(self, x):\n    return 7\n", "It returns a number.");
  expect_refused("def forward(self, x):\n    pass\n", "It returns nothing.");
  expect_refused("def forward(self, x):\n    return x.flatten(2).transpose(1, 2)\n",
                 "It returns [2,256,3], which may be tokens");
  expect_refused("def forward(self, x):\n    return x.mean([0, 2, 3])\n", "It returns [3].");
  expect_refused("def forward(self, x):\n    return x.mean([2, 3])[:1]\n", "It returns [1,3].");
  expect_refused("def forward(self, x):\n    return x.mean([2, 3]).argmax(1, True)\n",
                 "numbers of the type Long");
  expect_refused("def forward(self, x):\n    return x.mean([2, 3]) / 0.0\n", "not finite");
  expect_refused("def forward(self, x):\n    return torch.zeros([x.size(0), 100000])\n",
                 "at most 65536 features of a view. It returns 100000.");
  expect_refused("def forward(self, x):\n    return x.mean([2, 3]).squeeze()\n",
                 "into features [1,D] or maps [1,D,h,w]. It returns [3].");
}

TEST_F(Program, MustGiveAViewTheSameFeaturesEachTime) {
  expect_refused("def forward(self, x):\n    return torch.rand([x.size(0), 4])\n",
                 "the same features for the same view each time");
  expect_refused("def forward(self, x):\n    return x.mean([2, 3]) - x.mean([0, 2, 3])\n",
                 "whatever views are beside it");
}

TEST_F(Program, ThatFailsIsToldInOneLine) {
  expect_refused("def forward(self, x):\n    assert False, \"no such views\"\n    return x\n",
                 "no such views");
  expect_refused("def forward(self, x):\n    return x.matmul(self.weight)\n", "It fails: ");
  expect_refused("def forward(self, x, y):\n    return x\n", "It fails: ");
  expect_refused("def features(self, x):\n    return x\n", "It has no forward().");
}

TEST_F(Program, ThatWantsTooMuchMemoryEndsAsOutOfMemory) {
  write_program(file, "def forward(self, x):\n    return torch.zeros([2, 1 << 30, 1 << 20])\n");
  try {
    opened();
    ADD_FAILURE();
  } catch (const std::exception& exception) {
    EXPECT_EQ(as_error(exception).fault(), Fault::system) << exception.what();
  }
}

TEST_F(Program, ThatPrintsIsNotedOnce) {
  write_program(file,
                "def forward(self, x):\n"
                "    print(\"hello\", x.size(0))\n"
                "    print(\"again\")\n"
                "    return x.mean([2, 3])\n");
  std::vector<std::string> notes;
  ProgramAccess heard = allowed;
  heard.observer.log = [&](Severity, const std::string& text) { notes.push_back(text); };
  testing::internal::CaptureStdout();
  const BackboneProgram program(file, 16, heard);
  program.features(views);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_THAT(notes, testing::ElementsAre(EndsWith(
                         "net.pt prints while it runs, which nolabel leaves out: hello 2")));
}

// Writes the program of write_program() again, with another body of its forward().
void replace_code(const fs::path& file, const std::string& body) {
  write_program(file);
  const std::string content = read_file(file);
  const ZipReader whole(bytes_of(content));
  AtomicFile again(file);
  ZipWriter zip(again);
  for (const std::string& name : whole.names()) {
    const size_t code = name.find("/code/");
    if (code == name.npos) zip.add(name, as_text(whole.read(name)));
    if (!name.ends_with("/code/__torch__.py")) continue;
    zip.add(
        name,
        "class Net(Module):\n  __parameters__ = [\"weight\", ]\n  __buffers__ = []\n"
        "  weight : Tensor\n  def forward(self: __torch__.Net,\n    x: Tensor) -> Tensor:\n    " +
            body + "\n");
  }
  zip.finish();
  again.commit();
}

TEST_F(Program, FilesThatAreDamagedOrHostileAreRefused) {
  write_program(file);
  const std::string whole = read_file(file);
  for (const double part : {0.0, 0.1, 0.5, 0.9, 0.99}) {
    write_file(file,
               whole.substr(0, static_cast<size_t>(part * static_cast<double>(whole.size()))));
    expect_error("must be a TorchScript program.", Fault::data);
  }
  write_torch_file(file, to_value({{"weight", at::zeros({2})}}));  // a zip without code
  expect_error("It is none", Fault::data);
  replace_code(file, "return torch.mean(x, [2, 3])");
  EXPECT_EQ(opened().known().dimensions, 3);  // such a file can be a program
  replace_code(file, "return )(");
  expect_error("must be a TorchScript program. It fails: ", Fault::data);
  replace_code(file, "return \xab\xff");
  expect_error("It fails: ", Fault::data);
  replace_code(file, "return unsafe.anything(x)");
  expect_error("must be a TorchScript program. It fails: ", Fault::data);
}

TEST_F(Program, EveryCutIsRefusedWithoutACrash) {
  write_program(file);
  const std::string whole = read_file(file);
  for (size_t size = 0; size + 1 < whole.size(); size += whole.size() / 60) {
    write_file(file, whole.substr(0, size));
    EXPECT_FALSE(is_program_file(file)) << size;
  }
}

TEST_F(Program, AnOperatorThatIsMissingIsNamed) {
  replace_code(file, "return ops.torchvision.nms(x, x, 0.5)");
  expect_error("torchvision::nms", Fault::data);
}

TEST(RecognisedProgram, TakesItsViewsFromStatements) {
  const KnownProgram program{std::string(64, 'a'), 7};
  const RecognisedBackbone bare = recognise_program(program, {}, 0, "net.pt");
  EXPECT_EQ(bare.views.view_size, 224);
  EXPECT_EQ(bare.views.pictures.short_side, 256);
  EXPECT_EQ(bare.views.pictures.interpolation, Interpolation::bilinear);
  EXPECT_FLOAT_EQ(bare.views.mean[0], 0.485f);
  EXPECT_EQ(
      bare.assumption,
      "net.pt does not say which views it was trained on: nolabel assumes 224 pixels, "
      "ImageNet's mean and standard deviation, bilinear interpolation and that the view is "
      "cut from a picture whose short side is 8/7 of it. Write {\"image_size\": \"…\", "
      "\"mean\": \"…\", \"std\": \"…\", \"interpolation\": \"…\", \"short_side\": \"…\"} into "
      "FILE.backbone.json beside it if this is not so.");
  const RecognisedBackbone stated = recognise_program(program,
                                                      {{"image_size", "96"},
                                                       {"mean", "0.5 0.5 0.5"},
                                                       {"std", "0.25 0.25 0.25"},
                                                       {"interpolation", "bicubic"},
                                                       {"short_side", "96"},
                                                       {"squash", "yes"},
                                                       {"labels", "captions"}},
                                                      0, "net.pt");
  EXPECT_EQ(stated.assumption, "");
  EXPECT_EQ(stated.labels, "captions");
  EXPECT_EQ(stated.views.view_size, 96);
  EXPECT_EQ(stated.views.pictures.short_side, 96);
  EXPECT_TRUE(stated.views.pictures.squash);
  EXPECT_EQ(stated.views.pictures.interpolation, Interpolation::bicubic);
  EXPECT_FLOAT_EQ(stated.views.std[2], 0.25f);
  EXPECT_EQ(recognise_program(program, {{"image_size", "96"}}, 48, "net.pt").views.view_size, 48);
  EXPECT_THROW(recognise_program(program, {{"squash", "often"}}, 0, "net.pt"), Error);
  EXPECT_THROW(recognise_program(program, {{"architecture", "resnet18"}}, 0, "net.pt"), Error);
}

TEST(RecognisedProgram, IsReadBackFromItsStatements) {
  const KnownProgram program{std::string(64, 'b'), 7};
  const RecognisedBackbone first =
      recognise_program(program, {{"interpolation", "bicubic"}}, 96, "net.pt");
  const Statements statements = backbone_statements(first.network, first.views, "none");
  const RecognisedBackbone again = recognise_backbone({}, statements, 0, "model.pth.tar");
  EXPECT_EQ(again.network, first.network);
  EXPECT_EQ(known_program(again.network), program);
  EXPECT_EQ(again.views.view_size, 96);
  EXPECT_EQ(again.assumption, "");
  const Statements beside = statements_beside_weights(statements);
  EXPECT_EQ(beside.at("sha256"), program.sha256);
  EXPECT_EQ(beside.count("program"), 0u);
}

}  // namespace
}  // namespace nolabel

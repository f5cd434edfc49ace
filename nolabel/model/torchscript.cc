#include "nolabel/model/torchscript.h"

#include <ATen/ATen.h>

#include <limits>

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

constexpr const char* torchscript_name = "torchscript";
constexpr const char *features_width = "width", *content = "sha256";
constexpr int usual_size = 224;

// Without a program it tells the width, and computes nothing. Every mode computes the same, because
// a program is never trained.
class ProgramNetwork : public BackboneNetwork {
 public:
  ProgramNetwork(int dimensions, std::shared_ptr<const BackboneProgram> program)
      : dimensions_(dimensions), program_(std::move(program)) {}

  int dimensions() const override { return dimensions_; }
  const std::vector<BackboneTensor>& tensors() const override { return none_; }
  // A program computes in its own type, and expects what PyTorch gives it.
  at::Tensor input(const at::Tensor& views, at::ScalarType) const override { return views; }
  at::Tensor features(const NetworkWeights&, const at::Tensor& views, ForwardMode) const override {
    NOLABEL_ASSERT(program_);
    return program_->features(views);
  }

 private:
  const int dimensions_;
  const std::shared_ptr<const BackboneProgram> program_;
  const std::vector<BackboneTensor> none_;
};

// ImageNet's, as most networks for pictures were trained with them: the short side of a picture is
// 8/7 of the view's, as 256 is of 224.
Preprocessing preprocessing_of_program(const BackboneDescription&, int image_size) {
  if (image_size == 0) image_size = usual_size;
  return {.view_size = image_size,
          .pictures = {.short_side = (image_size * 8 + 6) / 7, .enlarge = true},
          .mean = {0.485f, 0.456f, 0.406f},
          .std = {0.229f, 0.224f, 0.225f}};
}

// "a, b and c"
std::string listed_words(const std::vector<std::string>& words) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + words[i];
  }
  return text;
}

// A program tells nothing of its views.
std::string assumed_views(const BackboneDescription&, const Statements& stated) {
  std::vector<std::string> assumed, keys;
  const auto assume = [&](const std::string& what, const char* key) {
    assumed.push_back(what);
    keys.push_back(format("\"{}\": \"…\"", key));
  };
  if (!stated.contains("image_size")) assume(format("{} pixels", usual_size), "image_size");
  if (!stated.contains("mean") || !stated.contains("std")) {
    assume("ImageNet's mean and standard deviation", "mean");
    keys.push_back("\"std\": \"…\"");
  }
  if (!stated.contains("interpolation")) assume("bilinear interpolation", "interpolation");
  if (!stated.contains("short_side")) {
    assume("that the view is cut from a picture whose short side is 8/7 of it", "short_side");
  }
  if (assumed.empty()) return "";
  std::string json;
  for (const std::string& key : keys) json += (json.empty() ? "" : ", ") + key;
  return format(
      "does not say which views it was trained on: nolabel assumes {}. Write {{{}}} into "
      "FILE.backbone.json beside it if this is not so.",
      listed_words(assumed), json);
}

std::string describe_program(const BackboneDescription& description) {
  return format("TorchScript program ({} features)", description.parameters.at(features_width));
}

}  // namespace

BackboneDescription program_description(const KnownProgram& program) {
  return {torchscript_name,
          {{content, program.sha256}, {features_width, std::to_string(program.dimensions)}}};
}

KnownProgram known_program(const BackboneDescription& description) {
  const BackboneDescription whole = completed(description);
  NOLABEL_ASSERT(whole.is_program());
  return {whole.parameters.at(content), number_of(whole, features_width)};
}

std::unique_ptr<const BackboneNetwork> program_network(
    std::shared_ptr<const BackboneProgram> program) {
  const int dimensions = program->known().dimensions;
  return std::make_unique<ProgramNetwork>(dimensions, std::move(program));
}

std::vector<Architecture> torchscript_programs() {
  return {
      {.name = torchscript_name,
       .parameters = {{.name = features_width,
                       .help = "dimensions of the features",
                       .otherwise = "0",
                       .low = 0,
                       .high = std::numeric_limits<int>::max()},
                      {.name = content,
                       .help = "SHA-256 of the program's file",
                       .otherwise = "",
                       .is_text = true,
                       .leaves_a_trace = false}},
       .has_weights = false,
       .trains_from_random = false,
       .make =
           [](const BackboneDescription& description) -> std::unique_ptr<const BackboneNetwork> {
         return std::make_unique<ProgramNetwork>(number_of(description, features_width), nullptr);
       },
       .preprocessing = preprocessing_of_program,
       .describe = describe_program,
       .assumption = assumed_views}};
}

}  // namespace nolabel

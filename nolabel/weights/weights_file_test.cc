#include "nolabel/weights/weights_file.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <limits>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/weights/names_testing.h"
#include "nolabel/weights/peers_testing.h"
#include "nolabel/weights/weights_in.h"
#include "nolabel/weights/zip.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

fs::path golden(const std::string& name) {
  return fs::path(NOLABEL_TEST_DATA) / name;
}
fs::path scratch(const std::string& name) {
  return fs::path(testing::TempDir()) / ("nolabel_weights_" + name);
}

template <class T>
T get(const Value& dict, const std::string& key) {
  const Value* found = dict.find(key);
  if (!found || !std::holds_alternative<T>(found->data)) {
    ADD_FAILURE() << "no such entry: " << key;
    return T();
  }
  return std::get<T>(found->data);
}

at::Tensor counting(at::IntArrayRef shape, at::ScalarType type = at::kFloat) {
  return at::arange(c10::multiply_integers(shape), at::kLong).to(type).reshape(shape);
}

void expect_tensor(const Value& values, const std::string& key, const at::Tensor& expected) {
  const auto tensor = get<at::Tensor>(values, key);
  ASSERT_TRUE(tensor.defined()) << key;
  EXPECT_EQ(tensor.scalar_type(), expected.scalar_type()) << key;
  EXPECT_TRUE(at::equal(tensor, expected)) << key;
}

class PyTorchFile : public testing::TestWithParam<const char*> {};

TEST_P(PyTorchFile, GivesEveryKindOfValue) {
  const Value values = read_weights_file(golden(GetParam()));
  EXPECT_TRUE(std::holds_alternative<std::monostate>(values.find("none")->data));
  EXPECT_TRUE(get<bool>(values, "true"));
  EXPECT_EQ(get<int64_t>(values, "int"), -5);
  EXPECT_EQ(get<int64_t>(values, "large"), 140234567890123);
  EXPECT_EQ(get<double>(values, "float"), 0.25);
  EXPECT_EQ(get<std::string>(values, "text"), "Größe");
  EXPECT_EQ(get<std::shared_ptr<ValueList>>(values, "list")->size(), 3u);
  EXPECT_EQ(std::get<double>(get<std::shared_ptr<ValueList>>(values, "tuple")->at(1).data), 0.999);
  EXPECT_TRUE(get<std::shared_ptr<ValueDict>>(values, "empty")->empty());
  EXPECT_EQ(get<std::shared_ptr<ValueDict>>(values, "ordered")->size(), 2u);
  EXPECT_EQ(get<double>(values, "numpy_float"), 1.5);
  EXPECT_EQ(get<double>(values, "numpy_float32"), 2.5);
  EXPECT_EQ(get<int64_t>(values, "numpy_int"), 3);
  EXPECT_TRUE(get<bool>(values, "numpy_bool"));
}

TEST_P(PyTorchFile, GivesEveryKindOfTensor) {
  const Value values = read_weights_file(golden(GetParam()));
  expect_tensor(values, "float64", counting({3}, at::kDouble));
  expect_tensor(values, "half", counting({3}, at::kHalf));
  expect_tensor(values, "bfloat16", counting({3}, at::kBFloat16));
  expect_tensor(values, "int64", counting({3}, at::kLong));
  expect_tensor(values, "uint8", counting({3}, at::kByte));
  expect_tensor(values, "bool", counting({2}).eq(0));
  expect_tensor(values, "scalar", at::scalar_tensor(5, at::kLong));
  expect_tensor(values, "no_elements", at::empty({0, 3}));
  expect_tensor(values, "view", counting({12}).slice(0, 4, 10).view({2, 3}));
  expect_tensor(values, "transposed", counting({2, 3}).t());
  expect_tensor(values, "channels_last", counting({1, 2, 2, 2}));
  expect_tensor(values, "parameter", counting({2}));
  EXPECT_TRUE(get<at::Tensor>(values, "view").is_alias_of(get<at::Tensor>(values, "shared")));
  EXPECT_TRUE(
      get<at::Tensor>(values, "channels_last").is_contiguous(at::MemoryFormat::ChannelsLast));
}

INSTANTIATE_TEST_SUITE_P(Written, PyTorchFile,
                         testing::Values("values_zip.pth", "values_legacy.pth",
                                         "values_protocol4.pth"),
                         [](const auto& tested) {
                           const std::string name = tested.param;
                           return name.substr(0, name.find('.'));
                         });

TEST(WeightsFile, TellsAProgramFromWeights) {
  EXPECT_TRUE(is_program_file(golden("torchscript.pt")));
  EXPECT_FALSE(is_program_file(golden("harmless_zip.pth")));
  const fs::path cut = scratch("cut.pt");
  const std::string whole = read_file(golden("torchscript.pt"));
  write_file(cut, whole.substr(0, whole.size() / 2));
  EXPECT_FALSE(is_program_file(cut));
  fs::remove(cut);
}

TEST(WeightsFile, ReadsTorchScriptAsData) {
  const Value tensors = read_weights_file(golden("torchscript.pt"));
  expect_tensor(tensors, "0.weight", counting({3, 2}));
  expect_tensor(tensors, "1.running_var", at::ones({3}));
  expect_tensor(tensors, "1.num_batches_tracked", at::zeros({}, at::kLong));
}

TEST(WeightsFile, ReadsSafetensors) {
  const Value tensors = read_weights_file(golden("python.safetensors"));
  expect_tensor(tensors, "half", counting({3}, at::kHalf));
  expect_tensor(tensors, "bfloat16", counting({3}, at::kBFloat16));
  expect_tensor(tensors, "matrix", counting({2, 3}));
  expect_tensor(tensors, "count", at::scalar_tensor(5, at::kLong));
  EXPECT_THAT(read_safetensors_metadata(golden("python.safetensors")),
              testing::ElementsAre(testing::Pair("made_by", "safetensors")));
  EXPECT_TRUE(read_safetensors_metadata(golden("values_zip.pth")).empty());
}

std::string message_of(const fs::path& path) {
  try {
    read_weights_file(path);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::data);
    return error.what();
  }
  return "";
}

TEST(WeightsFile, ExecutesNothingAndNamesWhatItRefuses) {
  for (const char* name : {"hostile_zip.pth", "hostile_legacy.pth"}) {
    EXPECT_THAT(message_of(golden(name)),
                testing::AllOf(testing::HasSubstr(name), testing::HasSubstr("posix.system")));
    EXPECT_FALSE(fs::exists("executed"));
  }
}

// Beside tensors people keep their settings, paths, dates and arrays (tools/golden/weights.py).
class HarmlessClasses : public testing::TestWithParam<const char*> {};

TEST_P(HarmlessClasses, AreReadAsData) {
  const Value values = read_weights_file(golden(GetParam()));
  for (const auto& [key, type] :
       std::vector<std::pair<std::string, std::string>>{{"args", "argparse.Namespace"},
                                                        {"path", "pathlib._local.PosixPath"},
                                                        {"date", "datetime.datetime"},
                                                        {"enum", "http.HTTPStatus"},
                                                        {"fraction", "fractions.Fraction"},
                                                        {"big", "builtins.int"}}) {
    std::string found = get<Opaque>(values, key).type;
    if (key == "path") found = type;  // its module moves from one Python to the next
    EXPECT_EQ(found, type) << key;
  }
  EXPECT_EQ(get<std::string>(values, "dtype"), "torch.float16");
  EXPECT_EQ(get<std::string>(values, "device"), "cpu");
  EXPECT_EQ(get<std::shared_ptr<ValueList>>(values, "size")->size(), 2u);
  EXPECT_EQ(get<std::shared_ptr<ValueList>>(values, "deque")->size(), 3u);
  EXPECT_EQ(get<int64_t>(*values.find("defaultdict"), "a"), 1);
  EXPECT_EQ(get<int64_t>(*values.find("counter"), "b"), 2);
  EXPECT_EQ(get<int64_t>(*values.find("settings"), "epochs"), 7);  // a subclass of dict
  expect_tensor(values, "array", counting({2, 3}));
  expect_tensor(values, "fortran", counting({2, 3}, at::kLong));
  expect_tensor(values, "subclass", counting({4}));
  expect_tensor(values, "weight", counting({3}));
}

INSTANTIATE_TEST_SUITE_P(Written, HarmlessClasses,
                         testing::Values("harmless_zip.pth", "harmless_legacy.pth",
                                         "harmless_protocol5.pth"),
                         [](const auto& tested) {
                           const std::string name = tested.param;
                           return name.substr(0, name.find('.'));
                         });

TEST(WeightsFile, ReadsPlainPicklesOfArrays) {
  const Value values = read_weights_file(golden("detectron.pkl"));
  expect_tensor(*values.find("model"), "stem.conv1.weight", counting({2, 3}));
  EXPECT_EQ(names_of(weights_in(values, "file")),
            (std::vector<std::string>{"stem.conv1.weight", "stem.conv1.bias"}));
}

std::string complaint_of(const Value& value) {
  try {
    weights_in(value, "x.pth");
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::data);
    return error.what();
  }
  return "";
}

TEST(WeightsIn, NamesWhatTheFileHasInstead) {
  for (const char* name : {"whole_model_zip.pth", "whole_model_legacy.pth", "model_in_dict.pth"}) {
    EXPECT_THAT(complaint_of(read_weights_file(golden(name))),
                testing::AllOf(testing::HasSubstr("x.pth"), testing::HasSubstr("Linear)"),
                               testing::HasSubstr("save model.state_dict()")))
        << name;
  }
  const Value optimizer = read_weights_file(golden("sgd.pth.tar"));
  EXPECT_THAT(complaint_of(optimizer),
              testing::HasSubstr("It has no tensors, but optimizer, epoch"));
  EXPECT_THAT(complaint_of(*optimizer.find("optimizer")), testing::HasSubstr("optimizer: give"));
  EXPECT_THAT(complaint_of(Value(int64_t{3})), testing::HasSubstr("no dict"));
  EXPECT_THAT(complaint_of(read_weights_file(golden("quantised.pth"))),
              testing::HasSubstr("the tensor weight must be a plain one"));
}

TEST(WeightsIn, TakesTheTensorsFromWhereTheyAre) {
  const at::Tensor one = at::ones({1});
  const auto text = [](const char* key) { return Value(std::string(key)); };
  const Value inner = Value::dict({{text("w"), one}, {text("note"), text("x")}});
  const auto names_in = [&](const Value& value) { return names_of(weights_in(value, "x")); };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names_in(inner), Names{"w"});
  EXPECT_EQ(names_in(Value::dict({{text("epoch"), int64_t{1}}, {text("state_dict"), inner}})),
            Names{"w"});
  EXPECT_EQ(names_in(Value::dict({{text("student"), inner}, {text("teacher"), inner}})),
            (Names{"student.w", "teacher.w"}));
  const Value adam = Value::dict({{text("param_groups"), Value::list({})}, {text("state"), inner}});
  EXPECT_EQ(names_in(Value::dict({{text("optimizer"), adam}, {text("net"), inner}})),
            Names{"net.w"});
}

struct Foreign {
  std::string content, what, advice;
};

TEST(WeightsFile, SaysWhatIsNoFileOfWeights) {
  using namespace std::string_literals;
  const std::vector<Foreign> files = {
      {"", "it is empty", "again"},
      {"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n",
       "Git LFS pointer of 63 bytes", "git lfs pull"},
      {"<!DOCTYPE html><title>404</title>", "web page", "download the file itself"},
      {"\n\n<html><body>", "web page", "download the file itself"},
      {"\xEF\xBB\xBF<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code></Error>", "XML", "again"},
      {"{\"error\": \"not found\"}", "JSON", "again"},
      {"{\"weight_map\": {}}", "index of weights", "all of them"},
      {"\x89PNG\r\n\x1A\n0000", "picture (PNG)", "state_dict()"},
      {"\xFF\xD8\xFF\xE0 0000000", "picture (JPEG)", "state_dict()"},
      {"\x89HDF\r\n\x1A\n"s + std::string(90, '\0'), "HDF5", "state_dict()"},
      {"GGUF\3\0\0\0"s, "GGUF", "state_dict()"},
      {"\x08\x07\x12\x07pytorch\x1A\x05"s + "2.0.0:\x80"s, "ONNX", "state_dict()"},
      {"junk of an index\x57\xFB\x80\x8B\x24\x75\x47\xDB", "TensorFlow", "state_dict()"},
      {"\x1F\x8B\x08 0000", "gzip archive", "unpack it"},
      {std::string(257, 'n') + "ustar" + std::string(250, '\0'), "tar archive", "unpack it"},
      {std::string(5000, '\0'), "nothing but zeros", "download it again"},
      {"\x01\x02\x03 what is this", "begins with the bytes 01 02 03 20", "state_dict()"},
  };
  for (const auto& [content, what, advice] : files) {
    write_file(scratch("foreign"), content);
    EXPECT_THAT(message_of(scratch("foreign")),
                testing::AllOf(testing::HasSubstr("nolabel_weights_foreign cannot be read"),
                               testing::HasSubstr(what), testing::HasSubstr(advice)));
  }
  EXPECT_THAT(message_of(golden("arrays.npz")), testing::HasSubstr("NumPy arrays (.npz)"));
  EXPECT_THAT(message_of(golden("zipped.zip")), testing::HasSubstr("unpack it first"));
  const fs::path exported = scratch("net.pt2");
  AtomicFile file(exported);
  ZipWriter zip(file);
  for (const char* name : {"net/models/model.json", "net/archive_format"}) zip.add(name, "");
  zip.finish();
  file.commit();
  EXPECT_THAT(message_of(exported), testing::HasSubstr("torch.export wrote it"));
  fs::remove(exported);
}

// Every value and tensor layout that training writes.
Value everything() {
  const at::Tensor channels_last =
      counting({2, 3, 2, 2}).contiguous(at::MemoryFormat::ChannelsLast);
  return Value::dict({{std::string("none"), Value()},
                      {std::string("true"), true},
                      {std::string("float"), -std::numeric_limits<double>::infinity()},
                      {std::string("epoch"), int64_t{1} << 40},
                      {std::string("small"), int64_t{-70000}},
                      {std::string("text"), std::string("Größe")},
                      {int64_t{7}, Value::list({0.9, 0.999})},
                      {std::string("channels_last"), channels_last},
                      {std::string("slice"), counting({4, 4}).slice(1, 1, 3)},
                      {std::string("scalar"), at::scalar_tensor(5, at::kLong)},
                      {std::string("no_elements"), at::empty({0, 3})},
                      {std::string("half"), counting({3}, at::kHalf)}});
}

TEST(WeightsFile, ReadsWhatItWrote) {
  write_torch_file(scratch("everything"), everything());
  const Value values = read_weights_file(scratch("everything"));
  EXPECT_EQ(get<double>(values, "float"), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(get<int64_t>(values, "epoch"), int64_t{1} << 40);
  EXPECT_EQ(get<int64_t>(values, "small"), -70000);
  EXPECT_EQ(get<std::string>(values, "text"), "Größe");
  expect_tensor(values, "channels_last", counting({2, 3, 2, 2}));
  EXPECT_TRUE(
      get<at::Tensor>(values, "channels_last").is_contiguous(at::MemoryFormat::ChannelsLast));
  expect_tensor(values, "slice", counting({4, 4}).slice(1, 1, 3));
  expect_tensor(values, "scalar", at::scalar_tensor(5, at::kLong));
  expect_tensor(values, "no_elements", at::empty({0, 3}));
}

TEST(WeightsFile, EqualValuesGiveEqualFiles) {
  write_torch_file(scratch("a"), everything());
  write_torch_file(scratch("b"), everything());
  EXPECT_EQ(read_file(scratch("a")), read_file(scratch("b")));
}

TEST(WeightsFile, SafetensorsComeBackWithMetadata) {
  const StateDict tensors = {{"count", at::scalar_tensor(5, at::kLong)},
                             {"half", counting({5}, at::kHalf)},
                             {"slice", counting({4, 4}).slice(1, 1, 3)}};
  write_safetensors(scratch("safetensors"), tensors, {{"seed", "1"}});
  const Value values = read_weights_file(scratch("safetensors"));
  for (const auto& [name, tensor] : tensors) expect_tensor(values, name, tensor);
  EXPECT_EQ(read_safetensors_metadata(scratch("safetensors")).at("seed"), "1");
}

// With the peers' environment in place, its PyTorch opens our file, weights only.
TEST(WeightsFile, PythonLoadsWhatItWrote) {
  const auto python = testing_peers::python();
  if (!python) GTEST_SKIP() << "without the peers' environment";
  write_torch_file(scratch("for_python.pth"), everything());
  EXPECT_EQ(testing_peers::run(*python, "golden/weights.py",
                               format("verify '{}'", scratch("for_python.pth").string())),
            0);
}

}  // namespace
}  // namespace nolabel

#include "nolabel/data/cifar.h"

#include <gmock/gmock.h>

#include "nolabel/data/source.h"
#include "nolabel/data/test_folder.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

const fs::path golden = NOLABEL_TEST_DATA;

// Byte b of image i of batch k, as tools/golden/data.py has it.
uint8_t golden_byte(int64_t b, int i, int k) {
  return static_cast<uint8_t>((7 * b + 31 * i + 101 * k) % 256);
}

void expect_pixels(const DatasetImage& stored, int i, int k) {
  const ImageView image = stored.view();
  ASSERT_EQ(image.height, 32);
  ASSERT_EQ(image.width, 32);
  for (int y = 0; y < 32; ++y) {
    for (int x = 0; x < 32; ++x) {
      for (int channel = 0; channel < 3; ++channel) {
        ASSERT_EQ(image.pixel(y, x)[channel], golden_byte(channel * 1024 + y * 32 + x, i, k));
      }
    }
  }
}

class Cifar : public FolderTest {
 protected:
  // A batch of the binary version with the same pixels, in `folder`.
  void write_batch(const std::string& name, const std::vector<std::string>& labels, int k) const {
    std::string content;
    for (size_t i = 0; i < labels.size(); ++i) {
      content += labels[i];
      for (int64_t b = 0; b < cifar_image_bytes; ++b) {
        content += static_cast<char>(golden_byte(b, static_cast<int>(i), k));
      }
    }
    write(name, content);
  }
  void write_binary_10(const std::string& folder) const {
    for (int k = 1; k <= 5; ++k) {
      write_batch(folder + "/data_batch_" + std::to_string(k) + ".bin",
                  {std::string(1, static_cast<char>(k)), std::string(1, static_cast<char>(9 - k))},
                  k);
    }
    write_batch(folder + "/test_batch.bin", {"\x06", "\x03"}, 6);
    write(folder + "/batches.meta.txt",
          "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n");
  }
  void write_binary_100(const std::string& folder) const {
    write_batch(folder + "/train.bin", {"\x0B\x13", "\x01\x62"}, 1);
    write_batch(folder + "/test.bin", {"\x0B\x13"}, 2);
    for (const auto& [name, count] : {std::pair("fine", 100), std::pair("coarse", 20)}) {
      std::string text;
      for (int i = 0; i < count; ++i) text += format("{} {}\n", name, i);
      write(format("{}/{}_label_names.txt", folder, name), text);
    }
  }
};

TEST_F(Cifar, Pickle10InThePublishedOrder) {
  const Dataset data = load({golden / "cifar-10-batches-py"}).dataset;
  ASSERT_EQ(data.size(), 12);
  EXPECT_EQ(data.name(0), "data_batch_1/cat_s_000001.png");
  EXPECT_EQ(data.name(11), "test_batch/leptodactylus_pentadactylus_s_000006.png");
  EXPECT_THAT(data.labels(), ElementsAre(1, 8, 2, 7, 3, 6, 4, 5, 5, 4, 6, 3));
  EXPECT_EQ(data.class_names()[9], "truck");
  for (int k = 1; k <= 6; ++k) {
    for (int i = 0; i < 2; ++i) expect_pixels(data.image(2 * (k - 1) + i), i, k);
  }
}

TEST_F(Cifar, BinaryHasThePixelsAndLabelsOfThePickles) {
  write_binary_10("data/cifar-10-batches-bin");
  const Dataset binary = load({root / "data"}).dataset;
  const Dataset pickle = load({golden / "cifar-10-batches-py"}).dataset;
  ASSERT_EQ(binary.size(), pickle.size());
  EXPECT_EQ(binary.labels(), pickle.labels());
  EXPECT_EQ(binary.class_names(), pickle.class_names());
  EXPECT_EQ(binary.name(3), "data_batch_2:1");
  for (int k = 1; k <= 6; ++k) expect_pixels(binary.image(2 * k - 1), 1, k);
}

TEST_F(Cifar, SplitsAreThePublishedOnes) {
  EXPECT_TRUE(has_split({golden / "cifar-10-batches-py"}));
  options.split = Split::train;
  EXPECT_EQ(load({golden / "cifar-10-batches-py"}).dataset.size(), 10);
  options.split = Split::test;
  const Dataset test = load({golden / "cifar-10-batches-py"}).dataset;
  ASSERT_EQ(test.size(), 2);
  expect_pixels(test.image(0), 0, 6);
  options.labels = LabelSource::none;
  EXPECT_FALSE(load({golden / "cifar-10-batches-py"}).dataset.has_labels());
}

TEST_F(Cifar, HundredClassesOrTwentySuperclasses) {
  write_binary_100("bin");
  for (const fs::path& path : {golden / "cifar-100-python", root / "bin"}) {
    options.split = Split::train;
    options.coarse = false;
    const Dataset fine = load({path}).dataset;
    EXPECT_THAT(fine.labels(), ElementsAre(19, 98)) << path;
    EXPECT_EQ(fine.class_names().size(), 100u);
    EXPECT_EQ(fine.class_names()[98], "fine 98");
    options.coarse = true;
    const Dataset coarse = load({path}).dataset;
    EXPECT_THAT(coarse.labels(), ElementsAre(11, 1)) << path;
    EXPECT_EQ(coarse.class_names().size(), 20u);
    expect_pixels(coarse.image(1), 1, 1);
  }
  EXPECT_THAT(complaint({golden / "cifar-10-batches-py"}, Fault::usage), HasSubstr("superclasses"));
}

TEST_F(Cifar, AFolderWithBothAsksForOne) {
  EXPECT_THAT(complaint({golden}, Fault::usage), HasSubstr("name one of them"));
}

TEST_F(Cifar, DamageIsNamed) {
  write_binary_10("bin");
  const std::string whole = read_file(root / "bin/data_batch_2.bin");
  write("bin/data_batch_2.bin", whole.substr(0, whole.size() - 1));
  EXPECT_THAT(complaint({root / "bin"}, Fault::data), HasSubstr("data_batch_2.bin"));
  fs::remove(root / "bin/data_batch_2.bin");
  EXPECT_THAT(complaint({root / "bin"}, Fault::data), HasSubstr("data_batch_2.bin is missing"));
  write_batch("bin/data_batch_2.bin", {"\x0A"}, 2);
  EXPECT_THAT(complaint({root / "bin"}, Fault::data), HasSubstr("label 10"));
}

TEST_F(Cifar, ADamagedPickleIsNamed) {
  fs::copy(golden / "cifar-100-python", root / "py");
  write("py/train", read_file(root / "py/train").substr(0, 5000));
  EXPECT_THAT(complaint({root / "py"}, Fault::data),
              HasSubstr("py/train: it ends after 5000 bytes"));
  fs::copy(golden / "cifar-100-python/meta", root / "py/train",
           fs::copy_options::overwrite_existing);
  EXPECT_THAT(complaint({root / "py"}, Fault::data),
              HasSubstr("py/train: its pickle has no \"data\""));
}

class CifarVariant : public Cifar, public testing::WithParamInterface<const char*> {};

// The first batch as other programs write it (tools/golden/data.py, variants).
TEST_P(CifarVariant, HasThePublishedImagesAndLabels) {
  fs::copy(golden / "cifar-10-batches-py", root / "data");
  fs::copy(golden / "variants" / GetParam(), root / "data/data_batch_1",
           fs::copy_options::overwrite_existing);
  const Dataset data = load({root / "data"}).dataset;
  ASSERT_EQ(data.size(), 12);
  EXPECT_THAT(data.labels(), ElementsAre(1, 8, 2, 7, 3, 6, 4, 5, 5, 4, 6, 3));
  for (int i = 0; i < 2; ++i) expect_pixels(data.image(i), i, 1);
  const bool has_names = std::string(GetParam()) != "without_names";
  EXPECT_EQ(data.name(0), has_names ? "data_batch_1/cat_s_000001.png" : "data_batch_1:0");
}

INSTANTIATE_TEST_SUITE_P(Written, CifarVariant,
                         testing::Values("protocol5", "bytes_keys", "numpy_labels", "uint8_labels",
                                         "big_endian_labels", "list_of_numpy_labels",
                                         "tuple_of_labels", "numpy_names", "bytes_names", "fortran",
                                         "fortran_protocol4", "images", "without_names"),
                         [](const auto& tested) { return std::string(tested.param); });

TEST_F(Cifar, OtherPixelsAndBuffersOutsideAreRefusedWithAWord) {
  fs::copy(golden / "cifar-10-batches-py", root / "data");
  const auto replaced = [&](const fs::path& file) {
    fs::copy(file, root / "data/data_batch_1", fs::copy_options::overwrite_existing);
    return complaint({root / "data"}, Fault::data);
  };
  EXPECT_THAT(replaced(golden / "variants/float_pixels"),
              HasSubstr("data_batch_1: \"data\" must be a NumPy array of type uint8"));
  EXPECT_THAT(replaced(golden / "../../pickle/testdata/out_of_band"),
              HasSubstr("data_batch_1: its arrays lie outside of the pickle"));
  write("data/data_batch_1", "(dp0\nS'data'\n");  // protocol 0
  EXPECT_THAT(complaint({root / "data"}, Fault::data), HasSubstr("no pickle of protocol 2 to 5"));
}

}  // namespace
}  // namespace nolabel

// Damaged and hostile files end in Error(Fault::data), whatever the damage, with bounded memory.
#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/resource.h>

#include <algorithm>
#include <fstream>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/random.h"
#include "nolabel/weights/formats.h"
#include "nolabel/weights/unpickle.h"

namespace nolabel {
namespace {

Bytes bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

// As weights_file.cc does. True when it was read without complaint.
bool reads(const std::string& content) {
  const Bytes bytes = bytes_of(content);
  try {
    if (is_torch_zip(bytes)) {
      read_torch_zip(bytes);
    } else if (is_torch_legacy(bytes)) {
      read_torch_legacy(bytes);
    } else if (is_safetensors(bytes)) {
      read_safetensors(bytes);
      safetensors_metadata(bytes);
    } else if (is_plain_pickle(bytes)) {
      read_plain_pickle(bytes);
    } else {
      return false;
    }
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::data) << error.what();
    return false;
  }
  return true;
}

class DamagedFile : public testing::TestWithParam<const char*> {
 protected:
  const std::string content = read_file(std::string(NOLABEL_TEST_DATA "/") + GetParam());
};

TEST_P(DamagedFile, CutOffAnywhereIsRefused) {
  ASSERT_TRUE(reads(content));
  const size_t step = std::max<size_t>(1, content.size() / 3000);
  for (size_t size = 0; size < content.size(); size += step) {
    ASSERT_FALSE(reads(content.substr(0, size))) << size;
  }
}

TEST_P(DamagedFile, ChangedBytesAreReadOrRefused) {
  Random random(1, Purpose::sample);
  for (int trial = 0; trial < 3000; ++trial) {
    std::string damaged = content;
    for (int i = 0; i <= trial % 3; ++i) {
      damaged[random.below(damaged.size())] = static_cast<char>(random.next());
    }
    reads(damaged);
  }
}

INSTANTIATE_TEST_SUITE_P(Written, DamagedFile,
                         testing::Values("values_zip.pth", "values_legacy.pth",
                                         "python.safetensors", "scan_checkpoint_1.4.pth.tar",
                                         "torchscript.pt", "harmless_zip.pth",
                                         "harmless_legacy.pth", "detectron.pkl",
                                         "whole_model_legacy.pth"),
                         [](const auto& tested) {
                           const std::string name = tested.param;
                           return name.substr(0, name.find('.'));
                         });

TEST(DamagedZip, AChangedTensorIsNoticed) {
  std::string content = read_file(NOLABEL_TEST_DATA "/sgd.pth.tar");
  const size_t storage = content.find("/data/0");
  ASSERT_NE(storage, std::string::npos);
  // Behind the name and the extra field's head, contents begin at a multiple of 64 bytes.
  content[(storage + 7 + 4 + 63) / 64 * 64] ^= 1;
  EXPECT_FALSE(reads(content));
}

std::string pickle_message(const std::string& pickle) {
  const auto four_floats = [](const StorageReference& wanted) {
    return at::zeros({4}, wanted.type);
  };
  try {
    unpickle(bytes_of(pickle), four_floats);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::data);
    return error.what();
  }
  return "";
}

TEST(Pickle, ACycleEnds) {
  // A list that holds itself: EMPTY_LIST, BINPUT 0, BINGET 0, APPEND.
  EXPECT_THAT(pickle_message(std::string("]q\0h\0a.", 7)), testing::HasSubstr("nested"));
}

TEST(Pickle, DeepNestingEnds) {
  std::string pickle(1'000'000, ']');
  pickle.append(999'999, 'a').append(".");
  EXPECT_THAT(pickle_message(pickle), testing::HasSubstr("nested"));
}

TEST(Pickle, RepeatedDoublingEnds) {
  // x = [x, x], 60 times: 2^60 values from 120 bytes.
  std::string pickle = "]";
  for (int i = 0; i < 60; ++i) pickle += "2\x86";  // DUP, TUPLE2
  EXPECT_THAT(pickle_message(pickle + "."), testing::HasSubstr("repeats itself"));
}

TEST(Pickle, CopyingOverAndOverEnds) {
  // A list of 100,000, stored in the memo, then a tuple of 20,000 sets made of it.
  std::string pickle = "](";
  pickle.append(100'000, 'N').append("eq\0", 3).append("cbuiltins\nset\nq\1(");
  for (int i = 0; i < 20'000; ++i) pickle += std::string("h\1h\0\x85R", 6);
  EXPECT_THAT(pickle_message(pickle + "t."), testing::HasSubstr("repeats itself"));
}

TEST(Pickle, ASubclassOfASubclassEnds) {
  using namespace std::string_literals;
  // x = [_rebuild_from_type_v2, None, x], then _rebuild_from_type_v2(*x).
  pickle_message("ctorch._tensor\n_rebuild_from_type_v2\nq\0]q\1(h\0Nh\1eR."s);
}

TEST(Pickle, CallsWithoutArgumentsEnd) {
  for (const char* type : {"collections\nOrderedDict", "torch._utils\n_rebuild_tensor_v2",
                           "torch._utils\n_rebuild_parameter", "numpy\ndtype", "_codecs\nencode",
                           "numpy.core.multiarray\nscalar", "torch\nFloatStorage"}) {
    pickle_message(std::string("c") + type + "\n)R.");
  }
  EXPECT_THAT(pickle_message("cbuiltins\neval\n)R."), testing::HasSubstr("builtins.eval"));
  EXPECT_THAT(pickle_message("R."), testing::HasSubstr("takes more"));
}

std::string text(std::string_view content) {  // BINUNICODE
  std::string pickle = "X";
  append_number(pickle, static_cast<uint32_t>(content.size()));
  return pickle.append(content);
}

// _rebuild_tensor_v2(storage of 4 floats, offset, sizes, strides, False, None)
std::string tensor_pickle(uint8_t offset, const std::string& sizes, const std::string& strides) {
  std::string pickle = "ctorch._utils\n_rebuild_tensor_v2\n((";
  pickle += text("storage");
  pickle += "ctorch\nFloatStorage\n";
  pickle += text("0") + text("cpu");
  pickle += "K\4tQK";
  append_number(pickle, offset);
  return pickle + sizes + strides + "\x89NtR.";
}

TEST(Pickle, TensorsStayInTheirStorage) {
  EXPECT_EQ(pickle_message(tensor_pickle(1, "K\3\x85", "K\1\x85")), "");
  EXPECT_THAT(pickle_message(tensor_pickle(2, "K\3\x85", "K\1\x85")),
              testing::HasSubstr("larger than its data"));
  EXPECT_THAT(pickle_message(tensor_pickle(0, "K\3\x85", "K\2\x85")),
              testing::HasSubstr("larger than its data"));
  const std::string negative = "J\xff\xff\xff\xff\x85";
  EXPECT_THAT(pickle_message(tensor_pickle(0, "K\3\x85", negative)),
              testing::HasSubstr("impossible shape"));
  // Repeated by a stride of zero: 2^31 elements out of four.
  EXPECT_THAT(pickle_message(tensor_pickle(0, "J\xff\xff\xff\x7f\x85", std::string("K\0\x85", 3))),
              testing::HasSubstr("larger than its data"));
}

std::string safetensors(const std::string& header, size_t data) {
  std::string content;
  append_number<uint64_t>(content, header.size());
  return content + header + std::string(data, '\0');
}

// While it lives the process can have 256 MB more than it has now.
class BoundedMemory {
 public:
  BoundedMemory() {
    getrlimit(RLIMIT_AS, &before_);
    uint64_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    const rlimit bound{pages * 4096 + (uint64_t{256} << 20), before_.rlim_max};
    setrlimit(RLIMIT_AS, &bound);
  }
  ~BoundedMemory() { setrlimit(RLIMIT_AS, &before_); }

 private:
  rlimit before_{};
};

template <class T>
std::string operation(char code, T length) {
  std::string pickle(1, code);
  append_number(pickle, length);
  return pickle + "abc.";
}

TEST(Pickle, LyingLengthsNeedNoMemory) {
  constexpr uint32_t long4 = 0x7fffffff;
  constexpr uint64_t long8 = uint64_t{1} << 62;
  const BoundedMemory bounded;
  for (const std::string& pickle :
       {operation('X', long4), operation('B', long4), operation('T', long4),
        operation('\x8b', long4), operation('\x8d', long8), operation('\x8e', long8),
        operation('\x96', long8), operation('\x95', long8),
        std::string("N").append(operation('r', long4))}) {
    EXPECT_NE(pickle_message(pickle), "") << static_cast<int>(pickle[0]);
  }
}

// A legacy stream whose pickle names a storage of 2^40 floats.
TEST(LegacyFile, AHugeStorageNeedsNoMemory) {
  std::string pickle = "ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") +
                       "ctorch\nFloatStorage\n" + text("0") + text("cpu");
  pickle += std::string("\x8a\6\0\0\0\0\0\1tQK\0K\1\x85K\1\x85\x89NtR.", 23);
  const std::string content = read_file(NOLABEL_TEST_DATA "/values_legacy.pth");
  const size_t value = content.find(std::string_view("none")) - 9;
  const BoundedMemory bounded;
  EXPECT_TRUE(reads(content));
  const std::string damaged = content.substr(0, value) + pickle;
  try {
    read_torch_legacy(bytes_of(damaged));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("larger than the file"));
  }
}

TEST(DamagedZip, HugeSizesNeedNoMemory) {
  const std::string content = read_file(NOLABEL_TEST_DATA "/sgd.pth.tar");
  const BoundedMemory bounded;
  EXPECT_TRUE(reads(content));
  int entries = 0, refused = 0;
  for (size_t at = content.find("PK\1\2"); at != std::string::npos;
       at = content.find("PK\1\2", at + 4), ++entries) {
    std::string damaged = content;
    for (size_t i = 20; i < 28; ++i) damaged[at + i] = '\x7f';  // compressed size and size
    refused += !reads(damaged);
  }
  EXPECT_GT(entries, 3);
  EXPECT_GE(refused, 2);  // the pickle and a tensor; what nobody reads may be anything
}

TEST(Safetensors, HugeSizesNeedNoMemory) {
  const BoundedMemory bounded;
  EXPECT_FALSE(reads(safetensors(
      R"({"a":{"dtype":"F32","shape":[1099511627776],"data_offsets":[0,4398046511104]}})", 8)));
  std::string long_header = safetensors("{}", 0);
  long_header[5] = 1;  // 2^40 bytes of it
  EXPECT_FALSE(reads(long_header));
}

TEST(Safetensors, OffsetsMustTileTheData) {
  const auto file = [](const std::string& shape, const std::string& offsets, size_t data) {
    return safetensors(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                       R"("b":{"dtype":"F32","shape":)" +
                           shape + R"(,"data_offsets":)" + offsets + "}}",
                       data);
  };
  EXPECT_TRUE(reads(file("[2]", "[4,12]", 12)));
  EXPECT_FALSE(reads(file("[2]", "[4,12]", 11)));  // cut off
  EXPECT_FALSE(reads(file("[2]", "[4,12]", 13)));  // bytes left over
  EXPECT_FALSE(reads(file("[2]", "[0,8]", 8)));    // overlap
  EXPECT_FALSE(reads(file("[2]", "[8,16]", 16)));  // gap
  EXPECT_FALSE(reads(file("[3]", "[4,12]", 12)));  // shape
  EXPECT_FALSE(reads(file("[-2]", "[4,12]", 12)));
  EXPECT_FALSE(reads(file("[4294967296,4294967296]", "[4,12]", 12)));  // 2^64 elements
  EXPECT_FALSE(reads(file("[2]", "[12,4]", 12)));
  EXPECT_FALSE(reads(file("2", "[4,12]", 12)));
}

TEST(Safetensors, HeadersAreBounded) {
  std::string deep = R"({"a":)";
  deep.append(100'000, '[');
  EXPECT_FALSE(reads(safetensors(deep, 0)));
  EXPECT_FALSE(reads(safetensors("{", 0)));
  EXPECT_FALSE(reads("\xff\xff\xff\xff\xff\xff\xff\x7f{}"));
}

}  // namespace
}  // namespace nolabel

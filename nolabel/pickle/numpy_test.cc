// Against what NumPy itself wrote (tools/golden/data.py): testdata/numpy.
#include "nolabel/pickle/numpy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nolabel/base/bytes.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"

namespace nolabel::pickle {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;

class Numpy : public testing::TestWithParam<const char*> {
 protected:
  const std::string content = read_file(std::string(NOLABEL_TEST_DATA "/") + GetParam());
  const Pickle pickle{bytes_of(content)};
  NumpyArray array(const char* key) { return numpy_array(pickle.root().at(key)).value(); }
};

TEST_P(Numpy, GivesNumbersOfEveryType) {
  for (const char* type : {"i1", "i2", "i4", "i8", ">i2", ">i8"}) {
    EXPECT_THAT(integers(array(type)).value(), ElementsAre(-2, 0, 100)) << type;
  }
  for (const char* type : {"u1", "u2", "u4", "u8"}) {
    EXPECT_THAT(integers(array(type)).value(), ElementsAre(2, 0, 100)) << type;
  }
  EXPECT_THAT(integers(array("b1")).value(), ElementsAre(1, 0, 1));
  EXPECT_FALSE(integers(array("f4")));
}

TEST_P(Numpy, GivesRowMajorOrder) {
  for (const char* order : {"C", "F"}) {
    const NumpyArray matrix = array(order);
    ASSERT_THAT(matrix.shape, ElementsAre(2, 3, 4)) << order;
    EXPECT_EQ(matrix.column_major, order[0] == 'F');
    const auto numbers = integers(matrix).value();
    for (int64_t i = 0; i < 24; ++i) ASSERT_EQ(numbers[static_cast<size_t>(i)], i) << order;
  }
}

TEST_P(Numpy, GivesTexts) {
  EXPECT_THAT(texts(array("S")).value(), ElementsAre("a", "bcd"));
  EXPECT_THAT(texts(array("U")).value(), ElementsAre("Größe", "図"));
  EXPECT_THAT(texts(array(">U")).value(), ElementsAre("Größe", "図"));
  EXPECT_THAT(texts(array("O")).value(), ElementsAre("x", "yz"));
  EXPECT_FALSE(texts(array("i4")));
}

TEST_P(Numpy, GivesScalars) {
  const auto number = [&](const char* key) { return numpy_number(pickle.root().at(key)).value(); };
  EXPECT_EQ(number("int64"), NumpyNumber(int64_t{-3}));
  EXPECT_EQ(number("uint8"), NumpyNumber(int64_t{200}));
  EXPECT_EQ(number("float16"), NumpyNumber(-1.5));
  EXPECT_EQ(number("float32"), NumpyNumber(0.5));
  EXPECT_EQ(number("float64"), NumpyNumber(0.1));
  EXPECT_EQ(number("bool"), NumpyNumber(true));
  EXPECT_FALSE(numpy_number(pickle.root().at("i4")));
  EXPECT_FALSE(numpy_array(pickle.root().at("int64")));
}

TEST_P(Numpy, KnowsWhatItDoesNotRead) {
  for (const char* key : {"complex", "datetime", "structured"}) {
    EXPECT_FALSE(numpy_array(pickle.root().at(key))) << key;
  }
}

INSTANTIATE_TEST_SUITE_P(Written, Numpy,
                         testing::Values("numpy_protocol2", "numpy_protocol4", "numpy_protocol5"),
                         [](const auto& tested) { return std::string(tested.param); });

// _reconstruct(…) with a state that lies.
std::string lying(const std::string& shape, const std::string& bytes) {
  return "\x80\x02"
         "cnumpy.core.multiarray\n_reconstruct\n)R(K\x01"s +
         shape +
         "cnumpy\ndtype\nU\x02"
         "f8\x85R\x89U" +
         static_cast<char>(bytes.size()) + bytes + "tb.";
}

TEST(NumpyArrays, AreCheckedAgainstTheirBytes) {
  const auto refused = [](const std::string& content) {
    const Pickle pickle(bytes_of(content));
    try {
      return !numpy_array(pickle.root());
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::data);
      return true;
    }
  };
  const std::string eight(8, '\0'), huge = "J\xff\xff\xff\x7f"s;
  EXPECT_FALSE(refused(lying("K\x01\x85", eight)));
  EXPECT_TRUE(refused(lying("K\x02\x85", eight)));
  EXPECT_TRUE(refused(lying("J\xff\xff\xff\xff\x85", eight)));          // -1
  EXPECT_TRUE(refused(lying("(" + huge + huge + huge + "t", eight)));   // 2^93
  EXPECT_TRUE(refused(lying("(K\0"s + huge + huge + huge + "t", "")));  // 0 of 2^93
  EXPECT_TRUE(refused(lying("(" + huge + "J\x02\0\0\x40t"s, eight)));   // 8 2^61 + …
}

}  // namespace
}  // namespace nolabel::pickle

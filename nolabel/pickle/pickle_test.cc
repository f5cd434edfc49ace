#include "nolabel/pickle/pickle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nolabel/base/bytes.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/random.h"
#include "nolabel/pickle/numpy.h"

namespace nolabel::pickle {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

const std::string golden = NOLABEL_TEST_DATA;

std::string refusal(const std::string& content) {
  try {
    const Pickle pickle(bytes_of(content));
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::data);
    return error.what();
  }
  return "";
}

TEST(Pickle, PythonTwoAndEveryProtocolOfPythonThreeHoldTheSame) {
  for (const char* name : {"../../data/testdata/cifar-10-batches-py/data_batch_1", "protocol2",
                           "protocol3", "protocol4", "protocol5"}) {
    const std::string content = read_file(golden + "/" + name);
    const Pickle pickle(bytes_of(content));
    EXPECT_EQ(pickle.size(), content.size()) << name;
    const Value root = pickle.root();
    EXPECT_EQ(root.at("batch_label").text(), "training batch 1 of 5") << name;
    ASSERT_EQ(root.at("labels").items().size(), 2u) << name;
    EXPECT_EQ(root.at("labels").items()[1].integer(), 8) << name;
    const auto data = numpy_array(root.at("data"));
    ASSERT_TRUE(data) << name;
    EXPECT_EQ(data->type.kind, 'u') << name;
    EXPECT_EQ(data->type.bytes, 1u) << name;
    ASSERT_THAT(data->shape, testing::ElementsAre(2, 3072)) << name;
    for (size_t b = 0; b < 3072; ++b) {
      ASSERT_EQ(static_cast<uint8_t>(data->bytes[3072 + b]), (7 * b + 31 + 101) % 256)
          << name << " byte " << b;
    }
  }
}

TEST(Pickle, NumbersOfEveryWidth) {
  // [-2, 5, 65535, True, -300 as a long, 0.25]
  const std::string content =
      "\x80\x02](J\xFE\xFF\xFF\xFFK\x05M\xFF\xFF\x88\x8A\x02\xD4\xFE"
      "G\x3F\xD0\0\0\0\0\0\0e."s;
  const Pickle pickle(bytes_of(content));
  const auto list = pickle.root().items();
  ASSERT_EQ(list.size(), 6u);
  const int64_t expected[] = {-2, 5, 65535, 1, -300};
  for (size_t i = 0; i < 5; ++i) EXPECT_EQ(list[i].integer(), expected[i]);
  EXPECT_EQ(*list[5].get_if<double>(), 0.25);
}

TEST(Pickle, AnUnknownClassIsItsNameArgumentsAndState) {
  // argparse.Namespace() with the state {'epochs': 7}
  const std::string content =
      "\x80\x02"
      "cargparse\nNamespace\n)\x81}U\x06"
      "epochsK\x07sb."s;
  const Pickle pickle(bytes_of(content));
  EXPECT_EQ(pickle.root().type_name(), "argparse.Namespace");
  EXPECT_TRUE(pickle.root().arguments().empty());
  EXPECT_EQ(pickle.root().state()->at("epochs").integer(), 7);
}

TEST(Pickle, ItemsOfAnInstanceAreKept) {
  // collections.OrderedDict() with one item; its class through copyreg, as protocol 2 has it.
  const std::string content =
      "\x80\x02"
      "ccollections\nOrderedDict\n)RU\x01"
      "aK\x05s."s;
  EXPECT_EQ(Pickle(bytes_of(content)).root().at("a").integer(), 5);
  const std::string reconstructed =
      "\x80\x02"
      "ccopy_reg\n_reconstructor\n(cmine\nThing\nc__builtin__\n"
      "object\nNtR."s;
  EXPECT_EQ(Pickle(bytes_of(reconstructed)).root().type_name(), "mine.Thing");
}

TEST(Pickle, ANumberBeyondSixtyFourBitsIsKnownByItsTypeOnly) {
  const std::string content = "\x80\x02\x8A\x09\1\1\1\1\1\1\1\1\1."s;
  EXPECT_EQ(Pickle(bytes_of(content)).root().type_name(), "builtins.int");
}

TEST(Pickle, WhatWouldRunProgramsInPythonIsRefused) {
  EXPECT_THAT(refusal("\x80\x02"
                      "cos\nsystem\nU\x02ls\x85R."s),
              HasSubstr("os.system"));
  EXPECT_THAT(refusal("\x80\x04\x8C\x08"
                      "builtins\x8C\x04"
                      "eval\x93."s),
              HasSubstr("builtins.eval"));
  EXPECT_THAT(refusal("csubprocess\nPopen\n."s), "");  // a class; nothing calls it here either
  EXPECT_THAT(refusal("cos\nstat_result\n."s), "");
}

TEST(Pickle, OtherProtocolsAreRefusedWithAWord) {
  EXPECT_THAT(refusal("\x80\x06N."s), HasSubstr("protocol 2 to 5. It has 6"));
  EXPECT_THAT(refusal("I5\n."s), HasSubstr("unknown instruction"));
  EXPECT_THAT(refusal("\x80\x05\x97."s), HasSubstr("buffer_callback"));
  EXPECT_THAT(refusal(read_file(golden + "/out_of_band")), HasSubstr("buffer_callback"));
}

TEST(Pickle, EveryTruncationIsRefused) {
  for (const char* name : {"protocol2", "protocol4", "protocol5"}) {
    const std::string whole = read_file(golden + "/" + name);
    for (size_t length = 0; length < whole.size(); ++length) {
      ASSERT_NE(refusal(whole.substr(0, length)), "") << name << " cut to " << length;
    }
  }
}

TEST(Pickle, LyingLengthsAndBrokenStacks) {
  EXPECT_THAT(refusal("\x80\x02T\xFF\xFF\xFF\xFF."s), HasSubstr("ends after"));
  EXPECT_THAT(refusal("\x80\x04\x8D\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF."s), HasSubstr("ends after"));
  EXPECT_THAT(refusal("\x80\x05\x96\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F."s), HasSubstr("ends after"));
  for (const std::string& body : {"."s, "a."s, "e."s, "t."s, "(a."s, "R."s, "b."s, "K\x01(u."s,
                                  "}K\x01K\x02"
                                  "a."s,
                                  "}(K\x01u."s, "h\x07."s, "\x93."s, "]Nb."s, "NNR."s}) {
    EXPECT_NE(refusal("\x80\x02"s + body), "") << body;
  }
}

TEST(Pickle, AListThatHoldsItselfAndDeepNestingEnd) {
  EXPECT_EQ(refusal("\x80\x02]q\x01h\x01"
                    "a."s),
            "");
  const std::string deep =
      "\x80\x02"s + std::string(200'000, ']') + std::string(199'999, 'a') + ".";
  EXPECT_EQ(refusal(deep), "");
  for (const std::string& flood : {std::string(9'000'000, 'N'), std::string(40'000'000, '(')}) {
    EXPECT_THAT(refusal("\x80\x02"s + flood + "."), HasSubstr("needs more than"));
  }
}

// An instance whose callable is an instance, and so on: the name has an end.
TEST(Pickle, CallsOfCallsEnd) {
  std::string content = "cmine\nmake\n";
  for (int i = 0; i < 1000; ++i) content += ")R";
  content += '.';
  EXPECT_EQ(Pickle(bytes_of(content)).root().type_name(), "");
}

TEST(Pickle, DamagedBytesNeverCrash) {
  for (const char* name : {"protocol2", "protocol5"}) {
    const std::string whole = read_file(golden + "/" + name);
    Random random(1, Purpose::sample);
    for (int trial = 0; trial < 1500; ++trial) {
      std::string damaged = whole;
      for (int i = 0; i < 3; ++i) {
        damaged[random.below(trial % 2 ? 400 : damaged.size())] = static_cast<char>(random.next());
      }
      try {  // the sanitizers watch; most are refused, none may crash
        const Pickle pickle(bytes_of(damaged));
        for (const auto& [key, value] : pickle.root().entries()) {
          if (const auto array = numpy_array(value)) row_major_bytes(*array);
        }
      } catch (const Error& error) {
        ASSERT_EQ(error.fault(), Fault::data) << error.what();
      }
    }
  }
}

}  // namespace
}  // namespace nolabel::pickle

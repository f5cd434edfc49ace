#include "nolabel/data/pickle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/random.h"

namespace nolabel {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

const std::string golden = NOLABEL_TEST_DATA;

std::string refusal(const std::string& content) {
  try {
    const Pickle pickle(content);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::data);
    return error.what();
  }
  return "";
}

TEST(Pickle, PythonTwoAndEveryProtocolOfPythonThreeHoldTheSame) {
  for (const char* name : {"cifar-10-batches-py/data_batch_1", "repickled/protocol2",
                           "repickled/protocol3", "repickled/protocol4"}) {
    const Pickle pickle(read_file(golden + "/" + name));
    const PickleValue& root = pickle.root();
    EXPECT_EQ(root.at("batch_label").text(), "training batch 1 of 5") << name;
    ASSERT_EQ(root.at("labels").list().size(), 2u) << name;
    EXPECT_EQ(root.at("labels").list()[1]->integer(), 8) << name;
    const PickleArray data = root.at("data").array();
    ASSERT_EQ(data.rows, 2) << name;
    ASSERT_EQ(data.columns, 3072) << name;
    for (int64_t b = 0; b < 3072; ++b) {
      ASSERT_EQ(data.values[3072 + b], (7 * b + 31 + 101) % 256) << name << " byte " << b;
    }
  }
}

TEST(Pickle, NumbersOfEveryWidth) {
  // [-2, 5, 65535, True, -300 as a long]
  const Pickle pickle(
      "\x80\x02](J\xFE\xFF\xFF\xFFK\x05M\xFF\xFF\x88\x8A\x02\xD4\xFE"
      "e."s);
  const auto& list = pickle.root().list();
  ASSERT_EQ(list.size(), 5u);
  const int64_t expected[] = {-2, 5, 65535, 1, -300};
  for (size_t i = 0; i < 5; ++i) EXPECT_EQ(list[i]->integer(), expected[i]);
}

TEST(Pickle, NothingButDataIsAccepted) {
  EXPECT_THAT(refusal("\x80\x02"
                      "cos\nsystem\nU\x02ls\x85R."s),
              HasSubstr("os.system"));
  EXPECT_THAT(refusal("\x80\x02"
                      "cnumpy\nload\n."s),
              HasSubstr("numpy.load"));
  EXPECT_THAT(refusal("\x80\x04\x8C\x08"
                      "builtins\x8C\x04"
                      "eval\x93."s),
              HasSubstr("builtins.eval"));
  EXPECT_THAT(refusal("\x80\x02"
                      "cnumpy\nndarray\nK\x01K\x01\x86R."s),
              HasSubstr("not a call"));
  EXPECT_THAT(refusal("\x80\x02Q."s), HasSubstr("more than data"));
  EXPECT_THAT(refusal("I5\n."s), HasSubstr("protocol 2"));
}

TEST(Pickle, EveryTruncationIsRefused) {
  for (const char* name :
       {"cifar-100-python/train", "repickled/protocol2", "repickled/protocol4"}) {
    const std::string whole = read_file(golden + "/" + name);
    for (size_t length = 0; length < whole.size(); ++length) {
      ASSERT_NE(refusal(whole.substr(0, length)), "") << name << " cut to " << length;
    }
  }
}

TEST(Pickle, LyingLengthsAndBrokenStacks) {
  EXPECT_THAT(refusal("\x80\x02T\xFF\xFF\xFF\xFF."s), HasSubstr("truncated"));
  EXPECT_THAT(refusal("\x80\x04\x8D\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF."s), HasSubstr("truncated"));
  for (const std::string& body : {"."s, "a."s, "e."s, "t."s, "(a."s, "R."s, "b."s, "K\x01(u."s,
                                  "}K\x01K\x02"
                                  "a."s,
                                  "}(K\x01u."s, "h\x07."s, "\x93."s}) {
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
  EXPECT_THAT(refusal("\x80\x02"s + std::string(5'000'000, 'N') + "."), HasSubstr("too many"));
}

TEST(Pickle, DamagedBytesNeverCrash) {
  const std::string whole = read_file(golden + "/repickled/protocol2");
  Random random(1, Purpose::sample);
  for (int trial = 0; trial < 3000; ++trial) {
    std::string damaged = whole;
    for (int i = 0; i < 3; ++i) {
      damaged[random.below(trial % 2 ? 400 : damaged.size())] = static_cast<char>(random.next());
    }
    refusal(damaged);  // the sanitizers watch; most are refused, none may crash
  }
}

}  // namespace
}  // namespace nolabel

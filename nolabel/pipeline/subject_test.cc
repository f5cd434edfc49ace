#include "nolabel/pipeline/subject.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <limits>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/npy.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class FeatureSubjectTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(directory);
    fs::create_directories(directory);
    write_npy(features, Matrix<float>(3, 2));
  }
  void TearDown() override { fs::remove_all(directory); }

  Fault fault_with(const std::string& csv) const {
    write_file(names, csv);
    try {
      feature_subject(features, names, {}, {});
    } catch (const Error& error) {
      return error.fault();
    }
    return Fault::internal;
  }

  const fs::path directory =
      fs::path(testing::TempDir()) / format("subject_test_{}", int64_t{::getpid()});
  const fs::path features = directory / "f.npy", names = directory / "p.csv";
};

TEST_F(FeatureSubjectTest, NamesAndLabelsComeFromTheCsv) {
  write_file(names, "path,label\nx.jpg,dog\ny.jpg,cat\nz.jpg,dog\n");
  const Subject subject = feature_subject(features, names, {}, {});
  EXPECT_THAT(subject.train.names, ElementsAre("x.jpg", "y.jpg", "z.jpg"));
  EXPECT_THAT(subject.class_names, ElementsAre("cat", "dog"));
  EXPECT_THAT(subject.train.labels, ElementsAre(1, 0, 1));
  EXPECT_EQ(subject.backbone.network, given_features(2));
}

TEST_F(FeatureSubjectTest, RowsWithoutNamesAreNumbered) {
  const Subject subject = feature_subject(features, "", {}, {});
  EXPECT_THAT(subject.train.names, ElementsAre("0", "1", "2"));
  EXPECT_TRUE(subject.train.labels.empty());
}

TEST_F(FeatureSubjectTest, OneNamePerRow) {
  EXPECT_EQ(fault_with("path\nx.jpg\n"), Fault::usage);
  EXPECT_EQ(fault_with("a\nb\nc\nd\n"), Fault::usage);
}

TEST_F(FeatureSubjectTest, ValuesMustBeFinite) {
  Matrix<float> rows(3, 2);
  rows.at(2, 1) = std::numeric_limits<float>::infinity();
  write_npy(features, rows);
  EXPECT_EQ(fault_with("a\nb\nc\n"), Fault::data);
}

}  // namespace
}  // namespace nolabel

#include "nolabel/base/npy.h"

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <bit>
#include <cmath>
#include <limits>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"

namespace nolabel {
namespace {
namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

// A .npy file with this header and these bytes of values.
std::string npy(const std::string& header, const std::string& values, int version = 2) {
  std::string bytes("\x93NUMPY", 6);
  bytes += static_cast<char>(version);
  bytes += '\0';
  const int width = version == 1 ? 16 : 32;
  for (int shift = 0; shift < width; shift += 8) {
    bytes += static_cast<char>(header.size() >> shift & 255);
  }
  return bytes + header + values;
}

std::string header(const std::string& type, const std::string& shape, bool fortran = false) {
  return "{'descr': '" + type + "', 'fortran_order': " + (fortran ? "True" : "False") +
         ", 'shape': " + shape + ", }\n";
}

template <class T>
std::string bytes_of(std::vector<T> values, bool big_endian = false) {
  std::string text;
  for (const T value : values) {
    const auto bytes = std::bit_cast<std::array<char, sizeof(T)>>(value);
    std::string item(bytes.data(), sizeof(T));
    if (big_endian) std::ranges::reverse(item);
    text += item;
  }
  return text;
}

class NpyTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(directory);
    fs::create_directories(directory);
  }
  void TearDown() override { fs::remove_all(directory); }

  Matrix<float> features(const std::string& content) const {
    write_file(file, content);
    return read_npy_float(file);
  }
  Matrix<int64_t> table(const std::string& content) const {
    write_file(file, content);
    return read_npy_int64(file);
  }
  // The error for a file that is refused as bad data, without the file's name.
  std::string complaint(const std::string& content) const {
    try {
      write_file(file, content);
      read_features(file);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::data);
      const std::string text = error.what();
      EXPECT_THAT(text, testing::StartsWith(file.string()));
      return text.substr(std::min(text.size(), file.string().size()));
    }
    return "";
  }
  // A zip archive of these files.
  std::string npz(const std::vector<std::pair<std::string, std::string>>& entries,
                  const char* compression) const {
    const fs::path path = directory / "made.npz";
    archive* writer = archive_write_new();
    archive_write_set_format_zip(writer);
    archive_write_set_format_option(writer, "zip", "compression", compression);
    EXPECT_EQ(archive_write_open_filename(writer, path.c_str()), ARCHIVE_OK);
    for (const auto& [name, content] : entries) {
      archive_entry* entry = archive_entry_new();
      archive_entry_set_pathname(entry, name.c_str());
      archive_entry_set_size(entry, static_cast<int64_t>(content.size()));
      archive_entry_set_filetype(entry, AE_IFREG);
      EXPECT_EQ(archive_write_header(writer, entry), ARCHIVE_OK);
      archive_write_data(writer, content.data(), content.size());
      archive_entry_free(entry);
    }
    archive_write_close(writer);
    archive_write_free(writer);
    return read_file(path);
  }

  const fs::path directory =
      fs::path(testing::TempDir()) / format("npy_test_{}", int64_t{getpid()});
  const fs::path file = directory / "features.npy";
};

const std::vector<float> one_to_six{1, 2, 3, 4, 5, 6};

TEST_F(NpyTest, RoundTrip) {
  Matrix<float> written(3, 2);
  written.values = {1, 2, 3, 4, 5, 6.5f};
  write_npy(file, written);
  const Matrix<float> back = read_npy_float(file);
  EXPECT_EQ(back.rows, 3);
  EXPECT_EQ(back.columns, 2);
  EXPECT_EQ(back.values, written.values);

  const std::string whole = read_file(file);
  for (const size_t length : {size_t{0}, size_t{5}, size_t{11}, size_t{60}, whole.size() - 1}) {
    EXPECT_NE(complaint(whole.substr(0, length)), "") << length;
  }
}

TEST_F(NpyTest, HeadersThatProgramsWrite) {
  for (const char* text :
       {"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }\n",
        "{'shape':(3,2),'fortran_order':False,'descr':'<f4'}",
        "{\"descr\": \"<f4\", \"fortran_order\": False, \"shape\": (3, 2)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3L, 2L), }     \n"}) {
    for (const int version : {1, 2, 3}) {
      EXPECT_EQ(features(npy(text, bytes_of(one_to_six), version)).values, one_to_six) << text;
    }
  }
}

TEST_F(NpyTest, EveryNumberInBothByteOrders) {
  const auto check = [&]<class T>(const char* type, T) {
    const std::vector<T> values{1, 2, 3, 4, 5, 6};
    for (const bool big : {false, true}) {
      const std::string text = header((big ? ">" : "<") + std::string(type), "(3, 2)");
      EXPECT_EQ(features(npy(text, bytes_of(values, big))).values, one_to_six) << type << big;
    }
  };
  check("f2", _Float16{});
  check("f4", float{});
  check("f8", double{});
  check("i1", int8_t{});
  check("i2", int16_t{});
  check("i4", int32_t{});
  check("i8", int64_t{});
  check("u1", uint8_t{});
  check("u2", uint16_t{});
  check("u4", uint32_t{});
  check("u8", uint64_t{});
  EXPECT_THAT(features(npy(header("|u1", "(1, 2)"), {'\xff', '\x01'})).values, ElementsAre(255, 1));
  EXPECT_THAT(features(npy(header("|b1", "(1, 2)"), {'\x01', '\0'})).values, ElementsAre(1, 0));
  const std::string minus(8, '\xff');
  EXPECT_THAT(features(npy(header(">i2", "(2, 2)"), minus)).values, testing::Each(-1));
  EXPECT_THAT(table(npy(header(">i4", "(2, 1)"), minus)).values, testing::Each(-1));
}

TEST_F(NpyTest, FortranOrderIsTransposed) {
  const Matrix<float> read =
      features(npy(header("<f4", "(3, 2)", true), bytes_of<float>({1, 3, 5, 2, 4, 6})));
  EXPECT_EQ(read.rows, 3);
  EXPECT_EQ(read.values, one_to_six);
  // More rows than are turned at a time, and an odd number of columns.
  constexpr int rows = 150, columns = 7;
  std::vector<int32_t> values;
  for (int j = 0; j < columns; ++j) {
    for (int i = 0; i < rows; ++i) values.push_back(i * columns + j);
  }
  const Matrix<int64_t> turned =
      table(npy(header(">i4", "(150, 7)", true), bytes_of(values, true)));
  for (int64_t i = 0; i < rows * columns; ++i) ASSERT_EQ(turned.values[i], i);
}

TEST_F(NpyTest, AxesOfLengthOneDoNotCount) {
  const auto shape = [&](const char* text) {
    const Matrix<float> read = features(npy(header("<f4", text), bytes_of(one_to_six)));
    EXPECT_EQ(read.values, one_to_six) << text;
    return std::pair{read.rows, read.columns};
  };
  for (const char* text : {"(3, 2, 1, 1)", "(3, 1, 1, 2)", "(1, 3, 2)", "(3, 1, 2)"}) {
    EXPECT_EQ(shape(text), std::pair(int64_t{3}, int64_t{2})) << text;
  }
  EXPECT_EQ(shape("(1, 6, 1, 1)"), std::pair(int64_t{1}, int64_t{6}));
  EXPECT_EQ(shape("(6, 1, 1)"), std::pair(int64_t{6}, int64_t{1}));
  const Matrix<float> turned =
      features(npy(header("<f4", "(3, 2, 1, 1)", true), bytes_of<float>({1, 3, 5, 2, 4, 6})));
  EXPECT_EQ(turned.values, one_to_six);
}

TEST_F(NpyTest, ShapesThatAreNoMatrix) {
  const std::string values = bytes_of(one_to_six);
  EXPECT_EQ(complaint(npy(header("<f4", "(6,)"), values)),
            " must have two dimensions, one row per image: [images, values]. Its shape is [6]; "
            "numpy.reshape makes rows of it.");
  EXPECT_THAT(complaint(npy(header("<f4", "()"), values)), HasSubstr("two dimensions"));
  EXPECT_THAT(complaint(npy(header("<f4", "(2, 3, 2)"), values)), HasSubstr("[2, 3, 2]"));
  EXPECT_THAT(complaint(npy(header("<f4", "(0, 6)"), values)), HasSubstr("at least one value"));
  for (const char* shape : {"(-3, 2)", "(3", "(3 2)", "(99999999999999999999, 2)", "x"}) {
    EXPECT_THAT(complaint(npy(header("<f4", shape), values)), HasSubstr("must say its shape"));
  }
}

TEST_F(NpyTest, HostileHeadersAreRefusedBeforeMemoryIsTaken) {
  const std::string values = bytes_of(one_to_six);
  EXPECT_EQ(complaint(npy(header("<f4", "(4611686018427387904, 4)"), values)),
            " is truncated: 4611686018427387904 x 4 values are announced, at most 6 are there.");
  const std::string endless(2'000'000, ' ');
  EXPECT_THAT(complaint(npy(header("<f4", "(3" + endless + ", 2)"), values)),
              HasSubstr("must have a header below 1 MB"));
  const std::string zeros = npy(header("<f4", "(1000000, 1000000)"), std::string(100'000, '\0'));
  EXPECT_THAT(complaint(npz({{"arr_0.npy", zeros}}, "deflate")), HasSubstr("is truncated"));
  EXPECT_THAT(complaint(npy(header("<f4", "(3, 2)"), values, 9)), HasSubstr("version 9"));
}

TEST_F(NpyTest, WhatIsNoNumberIsRefusedInWords) {
  const std::string values(48, '\0');
  EXPECT_THAT(complaint(npy(header("|O", "(3, 2)"), values)),
              HasSubstr("Python objects (a pickle), which nolabel does not execute"));
  for (const char* type : {"<c8", "<U1", "|S4", "<f16", "|V2", "<M8[s]"}) {
    EXPECT_THAT(complaint(npy(header(type, "(3, 2)"), values)),
                HasSubstr(" must hold integers or floating-point numbers of at most 64 bits. It "
                          "holds " +
                          std::string(type)));
  }
  EXPECT_THAT(
      complaint(npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3, 2)}", values)),
      HasSubstr("numbers of one type"));
  EXPECT_THAT(complaint("\x80\x04"), HasSubstr("Python pickle"));
  EXPECT_THAT(complaint("version https://git-lfs.github.com/spec/v1"), HasSubstr("git lfs pull"));
  EXPECT_THROW(table(npy(header("<f4", "(3, 2)"), values)), Error);
}

TEST_F(NpyTest, RowsThatAreNotFiniteAreNamed) {
  Matrix<float> rows(100, 3);
  const auto said = [&] {
    write_npy(directory / "rows.npy", rows);
    return complaint(read_file(directory / "rows.npy"));
  };
  EXPECT_EQ(said(), "");
  rows.at(3, 1) = NAN;
  EXPECT_EQ(said(),
            ": row 3 holds NaN or infinity. Every row must hold finite numbers (rows count "
            "from 0).");
  rows.at(17, 2) = std::numeric_limits<float>::infinity();
  EXPECT_THAT(said(), testing::StartsWith(": rows 3 and 17 hold NaN or infinity."));
  for (int64_t i = 50; i < 90; ++i) rows.at(i, 0) = -std::numeric_limits<float>::infinity();
  EXPECT_THAT(said(), testing::StartsWith(": rows 3, 17 and 40 more hold NaN or infinity."));
}

TEST_F(NpyTest, ArchivesWithOneArray) {
  const std::string array = npy(header("<f4", "(3, 2)"), bytes_of(one_to_six));
  for (const char* compression : {"store", "deflate"}) {
    EXPECT_EQ(features(npz({{"x.npy", array}}, compression)).values, one_to_six) << compression;
    const std::string whole = npz({{"readme.txt", "words"}, {"x.npy", array}}, compression);
    EXPECT_EQ(features(whole).values, one_to_six);
    for (const size_t length : {size_t{4}, size_t{40}, whole.size() / 2, whole.size() - 1}) {
      EXPECT_NE(complaint(whole.substr(0, length)), "") << length;
    }
  }
  const std::string ids = npy(header("<i8", "(3, 2)"), bytes_of<int64_t>({0, 1, 2, -1, 4, 5}));
  EXPECT_THAT(table(npz({{"arr_0.npy", ids}}, "deflate")).values, ElementsAre(0, 1, 2, -1, 4, 5));
}

TEST_F(NpyTest, ArchivesWithSeveralArrays) {
  const std::string array = npy(header("<f4", "(3, 2)"), bytes_of(one_to_six));
  const std::string ids = npy(header("<i8", "(3, 2)"), bytes_of<int64_t>({0, 1, 2, 3, 4, 5}));
  const std::string labels = npy(header("<i8", "(3,)"), bytes_of<int64_t>({0, 1, 1}));
  const std::string names = npy(header("|O", "(3,)"), "pickle");
  const std::string scores = npy(header("<f8", "(3,)"), bytes_of<double>({0, 1, 1}));
  const std::string all = npz({{"labels.npy", labels},
                               {"names.npy", names},
                               {"features.npy", array},
                               {"scores.npy", scores},
                               {"neighbors.npy", ids}},
                              "deflate");
  EXPECT_EQ(features(all).values, one_to_six);
  EXPECT_THAT(table(all).values, ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_EQ(complaint(npz({{"train.npy", array}, {"test.npy", array}, {"y.npy", labels}}, "store")),
            " must hold one array, or one matrix of floating-point numbers among others. It holds "
            "train <f4 [3, 2], test <f4 [3, 2], y <i8 [3].");
  EXPECT_THAT(complaint(npz({{"data.pkl", "x"}}, "store")), HasSubstr("must hold an array"));
}

}  // namespace
}  // namespace nolabel

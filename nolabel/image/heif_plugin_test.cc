#include "nolabel/image/heif_plugin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "nolabel/base/code_folders.h"
#include "nolabel/base/error.h"
#include "nolabel/image/decode.h"
#include "nolabel/image/missing_library.h"
#include "nolabel/image/testdata.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::StartsWith;

TEST(HeifPluginTest, LoadIsTheSameForAllThreads) {
  const std::string file = read_file(golden("rgb.heic"));
  std::vector<Image> images(8);
  std::vector<std::thread> threads;
  for (Image& image : images) {
    threads.emplace_back([&] { image = decode_image(std::as_bytes(std::span(file))); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Image& image : images) {
    EXPECT_EQ(image.height, 40);
    EXPECT_EQ(image.pixels, images[0].pixels);
  }
}

TEST(HeifPluginTest, LoadFromSaysWhatIsMissing) {
  const TemporaryDirectory folder;
  fs::create_directories(folder.path() / "bin");
  const std::vector<fs::path> program = {folder.path() / "bin"};
  EXPECT_EQ(
      load_heif_from(program).problem,
      "HEIC and AVIF need libnolabel_heif.so, which must lie beside the program or in ../lib");

  // As the loader sees a library whose libheif is missing, its reason comes last.
  fs::create_directories(folder.path() / "lib");
  write_file(folder.path() / "lib/libnolabel_heif.so", "no library");
  const HeifPlugin damaged = load_heif_from(program);
  EXPECT_EQ(damaged.functions, nullptr);
  EXPECT_THAT(damaged.problem,
              StartsWith("HEIC and AVIF need libheif 1 (Debian and Ubuntu: apt-get install "
                         "libheif1): "));
  EXPECT_THAT(damaged.problem, HasSubstr((folder.path() / "lib/libnolabel_heif.so").string()));
  EXPECT_EQ(damaged.problem.find('\n'), std::string::npos);

  EXPECT_NE(load_heif_from(code_folders()).functions, nullptr);
}

TEST(HeifPluginTest, CanBeReadNowWhatAMissingLibrarySkipped) {
  EXPECT_TRUE(can_be_read_now(load_heif_from({}).problem));
  EXPECT_FALSE(can_be_read_now("truncated or corrupt HEIF: no pixels"));
}

}  // namespace
}  // namespace nolabel

// Pictures that others read, too.
#include "nolabel/data/reading_help.h"

#include <algorithm>

#include "nolabel/base/threads.h"
#include "nolabel/data/test_pack.h"

namespace nolabel {
namespace {

// Reads every second image elsewhere.
class EverySecond : public ReadingHelp {
 public:
  std::vector<ReadResult> read(const std::vector<const ListedImage*>& images,
                               const ReadingOptions& options, int threads,
                               const Read& read_here) override {
    if (stops) stops->request();
    std::vector<ReadResult> results(images.size());
    parallel_for(std::ssize(images), threads, 1, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; ++i) {
        results[i] = i % 2 == 0 ? read_here(*images[i]) : read_listed(*images[i], options);
      }
    });
    asked += std::ssize(images);
    return results;
  }

  int64_t asked = 0;
  const CancelToken* stops = nullptr;  // before it reads
};

class ReadingHelpTest : public PackTest {
 protected:
  void SetUp() override {
    PackTest::SetUp();
    options.threads = 2;
    for (int i = 0; i < 400; ++i) {  // more than the sample has
      write(format("photos/2/more{}.png", i), picture(static_cast<uint8_t>(i), 5, 5));
    }
  }
  static constexpr int64_t files = 432, sampled = 256;
};

TEST_F(ReadingHelpTest, ChangesNothing) {
  for (const CacheFormat format : {CacheFormat::raw, CacheFormat::compressed}) {
    for (const int64_t memory : {int64_t{1} << 20, int64_t{0}}) {
      options.cache_format = format;
      options.memory_bytes = memory;
      options.help = nullptr;
      std::filesystem::remove_all(root / "cache");
      const LoadedImages alone = load_photos();
      std::filesystem::remove_all(root / "cache");
      const auto help = std::make_shared<EverySecond>();
      options.help = help;
      expect_equal(load_photos(), alone);
      EXPECT_EQ(help->asked, files - sampled);
    }
  }
}

TEST_F(ReadingHelpTest, EndsWhenItIsStopped) {
  const auto help = std::make_shared<EverySecond>();
  help->stops = &observer.cancel;
  options.help = help;
  complaint({root / "photos"}, Fault::stopped);
  EXPECT_EQ(help->asked, 0);
}

}  // namespace
}  // namespace nolabel

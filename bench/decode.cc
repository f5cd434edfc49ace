// bench_decode SHORT_SIDE FILE...: decodes every file on one core. SHORT_SIDE 0: at full size,
// otherwise the decoder may reduce as long as the short side stays that long.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "measure.h"
#include "nolabel/image/decode.h"

int main(int argc, char** argv) {
  using namespace nolabel;
  DecodeOptions options;
  options.reduce_to_short_side = std::atoi(argv[1]);
  std::vector<std::vector<char>> files;
  for (int i = 2; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    files.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  const double seconds = bench::seconds_per_call([&] {
    for (const auto& file : files) decode_image(std::as_bytes(std::span(file)), options);
  });
  bench::report("decode", static_cast<double>(files.size()) / seconds, "images/s");
}
